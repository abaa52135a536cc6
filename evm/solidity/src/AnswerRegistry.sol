// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IZkmlVerifier} from "./IZkmlVerifier.sol";
import {PinnedKey} from "./PinnedKey.sol";

/// @title Answers of private inference, on a chain
/// @notice Takes the proof of an answer to a request (`zkml ask --evm-address`) from the account that the request
/// names, once, before the request expires, from the one model whose manifest it pins, if it was asked for this registry
/// on this chain. What stands in the proof beside that, such as outputs and commitments, is kept as a digest and given in
/// an event.
/// @dev The last eight public inputs of these proofs bind them to a request (`zkml compile --context request`): request
/// id, requester, expiry, digest of the manifest, where 32 bytes are two numbers of 128 bits, the higher first; then
/// the destination, which is the chain's id times 2^160 plus the address of the registry. No constraint is about them,
/// so that a prover can put any field element there: their widths are checked here, or one request would have many
/// encodings.
contract AnswerRegistry is PinnedKey {
    /// @notice Another number of public inputs, or numbers that no request has.
    error MalformedContext();
    /// @notice The proof answers another request.
    error WrongRequest(bytes32 requestId);
    /// @notice The proof is for another account, or for a key that is none.
    error WrongRequester(bytes32 requester);
    /// @notice The request ended at this time.
    error RequestExpired(uint256 expiry);
    /// @notice The proof, or the verifier, is for a model with another manifest.
    error WrongModel(bytes32 manifest);
    /// @notice The proof is for another registry, for another chain, or for none.
    error WrongDestination(uint256 destination);
    /// @notice The request was answered.
    error AlreadyAnswered(bytes32 requestId);
    /// @notice The proof does not prove its public inputs.
    error InvalidProof();

    /// @notice An answer was taken.
    /// @param requestId The request.
    /// @param requester Whom it is for.
    /// @param publicInputs What the proof is about, without what binds it to the request.
    /// @param outputs The public outputs, times 10^18.
    event Answered(
        bytes32 indexed requestId, address indexed requester, uint256[] publicInputs, int256[] outputs
    );

    /// @dev Numbers that bind a proof to a request.
    uint256 private constant CONTEXT = 8;
    /// @notice Digest of the model's manifest.
    bytes32 public immutable MANIFEST;

    /// @notice Digest of what an answer was about, by requester and request; 0 if there was none.
    mapping(address => mapping(bytes32 => bytes32)) public answers;

    /// @notice A registry for one model.
    /// @param verifier Verifier of the model; for committed weights, of proofs that are linked to its commitment.
    /// @param key Digest of the model's verifying key, which its manifest states.
    /// @param manifest Digest of its manifest, which `zkml inspect` shows.
    constructor(IZkmlVerifier verifier, bytes32 key, bytes32 manifest) PinnedKey(verifier, key, CONTEXT) {
        // Models of one architecture with committed weights can share a key: the link tells them apart. Other verifiers
        // have no such function.
        (bool linked, bytes memory found) = address(verifier).staticcall(abi.encodeWithSignature("manifest()"));
        if (linked && bytes32(found) != manifest) {
            revert WrongModel(bytes32(found));
        }
        MANIFEST = manifest;
    }

    /// @notice Takes the answer to a request of the sender.
    /// @param requestId The request.
    /// @param proof The proof.
    /// @param publicInputs Its public inputs.
    /// @return outputs The public outputs, times 10^18.
    function accept(bytes32 requestId, bytes calldata proof, uint256[] calldata publicInputs)
        external
        returns (int256[] memory outputs)
    {
        if (publicInputs.length < CONTEXT) {
            revert MalformedContext();
        }
        uint256 values = publicInputs.length - CONTEXT;
        _checkContext(requestId, publicInputs[values:]);
        if (answers[msg.sender][requestId] != 0) {
            revert AlreadyAnswered(requestId);
        }
        answers[msg.sender][requestId] = keccak256(abi.encodePacked(publicInputs[:values]));
        bool valid;
        (valid, outputs) = VERIFIER.verifyAndDecode(proof, publicInputs);
        if (!valid) {
            revert InvalidProof();
        }
        emit Answered(requestId, msg.sender, publicInputs[:values], outputs);
    }

    /// @notice What proofs for this registry have for their destination.
    /// @dev It is computed at each call: after a fork of the chain, its two sides have different ids.
    /// @return number The number, below the group order for all chain ids of 64 bits.
    function destination() public view returns (uint256 number) {
        number = (block.chainid << 160) | uint160(address(this));
    }

    /// @dev The proof is bound to this request of the sender, to this model, to this registry, and to a time to come.
    function _checkContext(bytes32 requestId, uint256[] calldata context) private view {
        bytes32 found = _whole(context[0], context[1]);
        if (found != requestId) {
            revert WrongRequest(found);
        }
        bytes32 requester = _whole(context[2], context[3]);
        if (requester != bytes32(uint256(uint160(msg.sender)))) {
            revert WrongRequester(requester);
        }
        uint256 expiry = context[4];
        if (expiry > type(uint64).max) {
            revert MalformedContext();
        }
        if (block.timestamp >= expiry) {
            revert RequestExpired(expiry);
        }
        bytes32 manifest = _whole(context[5], context[6]);
        if (manifest != MANIFEST) {
            revert WrongModel(manifest);
        }
        if (context[7] != destination()) {
            revert WrongDestination(context[7]);
        }
    }

    /// @dev 32 bytes from their halves, which have 128 bits each.
    function _whole(uint256 high, uint256 low) private pure returns (bytes32 whole) {
        if (high > type(uint128).max || low > type(uint128).max) {
            revert MalformedContext();
        }
        whole = bytes32((high << 128) | low);
    }
}
