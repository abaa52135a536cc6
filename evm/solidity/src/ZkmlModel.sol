// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IZkmlVerifier} from "./IZkmlVerifier.sol";

/// @title The reusable verifier
/// @notice Verifies proofs of any model, given the contract that holds its key.
interface IZkmlReusable {
    /// @notice As `IZkmlVerifier.verify`, with a key contract and the hash of its code.
    /// @param key The key contract.
    /// @param codeHash The hash of its code.
    /// @param proof The proof.
    /// @param publicInputs The public inputs.
    /// @return valid Whether the proof proves them.
    function verify(address key, bytes32 codeHash, bytes calldata proof, uint256[] calldata publicInputs)
        external
        view
        returns (bool valid);

    /// @notice As `IZkmlVerifier.verifyAndDecode`, with a key contract and the hash of its code.
    /// @param key The key contract.
    /// @param codeHash The hash of its code.
    /// @param proof The proof.
    /// @param publicInputs The public inputs.
    /// @return valid Whether the proof proves them.
    /// @return outputs The outputs, times 10^18.
    function verifyAndDecode(address key, bytes32 codeHash, bytes calldata proof, uint256[] calldata publicInputs)
        external
        view
        returns (bool valid, int256[] memory outputs);

    /// @notice Digest of the verifying key that a key contract holds.
    /// @param key The key contract.
    /// @return id The digest.
    function keyId(address key) external view returns (bytes32 id);

    /// @notice How many public inputs are the context, by a key contract.
    /// @param key The key contract.
    /// @return length The number.
    function contextLength(address key) external view returns (uint256 length);

    /// @notice Digest of the manifest that lists the model commitment of a key contract. Only the verifier of linked
    /// proofs has this function.
    /// @param key The key contract.
    /// @return digest The digest.
    function manifest(address key) external view returns (bytes32 digest);
}

/// @title The reusable verifier for one model
/// @notice Pins a key contract by the hash of its code, so that consumers see an `IZkmlVerifier`.
/// @dev Solidity decodes the arguments here, and passes them on in their canonical encoding.
contract ZkmlModel is IZkmlVerifier {
    /// @notice The key contract does not have the code that was named.
    error WrongKey(address key, bytes32 expected, bytes32 found);

    /// @notice The reusable verifier.
    IZkmlReusable public immutable VERIFIER;
    /// @notice The key contract.
    address public immutable KEY;
    /// @notice The hash of its code.
    bytes32 public immutable CODE_HASH;

    /// @notice Pins a key contract.
    /// @param verifier The reusable verifier.
    /// @param key The key contract.
    /// @param codeHash The hash of its code, which `zkml contract` prints.
    constructor(IZkmlReusable verifier, address key, bytes32 codeHash) {
        if (key.codehash != codeHash) {
            revert WrongKey(key, codeHash, key.codehash);
        }
        VERIFIER = verifier;
        KEY = key;
        CODE_HASH = codeHash;
    }

    /// @inheritdoc IZkmlVerifier
    function verify(bytes calldata proof, uint256[] calldata publicInputs) external view returns (bool valid) {
        valid = VERIFIER.verify(KEY, CODE_HASH, proof, publicInputs);
    }

    /// @inheritdoc IZkmlVerifier
    function verifyAndDecode(bytes calldata proof, uint256[] calldata publicInputs)
        external
        view
        returns (bool valid, int256[] memory outputs)
    {
        (valid, outputs) = VERIFIER.verifyAndDecode(KEY, CODE_HASH, proof, publicInputs);
    }

    /// @inheritdoc IZkmlVerifier
    function keyId() external view returns (bytes32 id) {
        id = VERIFIER.keyId(KEY);
    }

    /// @inheritdoc IZkmlVerifier
    function contextLength() external view returns (uint256 length) {
        length = VERIFIER.contextLength(KEY);
    }

    /// @notice Digest of the manifest that lists the model commitment, or without one of the commitment itself. Reverts
    /// where weights are not committed.
    /// @return digest The digest.
    function manifest() external view returns (bytes32 digest) {
        digest = VERIFIER.manifest(KEY);
    }
}
