// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IZkmlVerifier} from "./IZkmlVerifier.sol";

/// @title A contract that relies on the proofs of one key
/// @notice Is deployed for one verifying key, by its digest, and reads the numbers that its proofs are bound to.
/// @dev The digest of the key is what a proof is worth: it covers the circuit and all that is checked. The digest of a
/// model that a key names is its author's claim. A key without constraints can name any model, and proves anything.
abstract contract PinnedKey {
    /// @notice The verifier is for another key than the one that was named.
    error UnexpectedKey(bytes32 expected, bytes32 found);
    /// @notice The key's proofs are bound to another number of values: what would be read as the context could be
    /// outputs of the model.
    error WrongContextLength(uint256 expected, uint256 found);

    /// @notice Verifies the key's proofs.
    IZkmlVerifier public immutable VERIFIER;
    /// @notice Digest of the verifying key.
    bytes32 public immutable KEY;

    /// @notice Takes a verifier of this key, whose proofs are bound to as many values as the contract reads.
    /// @dev Checks what the verifier says of itself. That its code is honest is for the deployer to know: it is what
    /// `zkml contract` writes, or `ZkmlModel` with the code hash that it prints.
    /// @param verifier Verifier of the model.
    /// @param key Digest of the verifying key that the deployer means, as `zkml verify` prints it.
    /// @param context How many values the key's proofs must be bound to.
    constructor(IZkmlVerifier verifier, bytes32 key, uint256 context) {
        bytes32 found = verifier.keyId();
        if (found != key) {
            revert UnexpectedKey(key, found);
        }
        uint256 length = verifier.contextLength();
        if (length != context) {
            revert WrongContextLength(context, length);
        }
        VERIFIER = verifier;
        KEY = key;
    }
}
