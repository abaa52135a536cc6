// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IZkmlVerifier} from "./IZkmlVerifier.sol";

/// @title Answers of private inference, on a chain
/// @notice Takes the proof of an answer to a request (`zkml ask --evm-address`) from the account that the request
/// names, once, before the request expires, from the one model whose manifest it pins. What stands in the proof beside
/// that, such as outputs and commitments, is kept as a digest and given in an event.
/// @dev The last seven public inputs of these proofs bind them to a request (`zkml compile --context 7`): request id,
/// requester, expiry, digest of the manifest, where 32 bytes are two numbers of 128 bits, the higher first. No
/// constraint is about them, so that a prover can put any field element there: their widths are checked here, or one
/// request would have many encodings. A proof names no chain and no registry: each one that pins the model takes it once.
/// Where weights are committed, the verifier must be one that checks the link to the commitment of this manifest.
contract AnswerRegistry {
    /// @notice Another number of public inputs, or numbers that no request has.
    error MalformedContext();
    /// @notice The proof answers another request.
    error WrongRequest(bytes32 requestId);
    /// @notice The proof is for another account, or for a key that is none.
    error WrongRequester(bytes32 requester);
    /// @notice The request ended at this time.
    error RequestExpired(uint256 expiry);
    /// @notice The proof is of a model with another manifest.
    error WrongModel(bytes32 manifest);
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
    uint256 private constant CONTEXT = 7;
    /// @notice Verifies the model's proofs.
    IZkmlVerifier public immutable VERIFIER;
    /// @notice Digest of the model's manifest.
    bytes32 public immutable MANIFEST;

    /// @notice Digest of what an answer was about, by requester and request; 0 if there was none.
    mapping(address => mapping(bytes32 => bytes32)) public answers;

    /// @notice A registry for one model.
    /// @param verifier Verifier of the model; for committed weights, of proofs that are linked to its commitment.
    /// @param manifest Digest of its manifest, which `zkml inspect` shows.
    constructor(IZkmlVerifier verifier, bytes32 manifest) {
        VERIFIER = verifier;
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

    /// @dev The proof is bound to this request of the sender, to this model, and to a time to come.
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
    }

    /// @dev 32 bytes from their halves, which have 128 bits each.
    function _whole(uint256 high, uint256 low) private pure returns (bytes32 whole) {
        if (high > type(uint128).max || low > type(uint128).max) {
            revert MalformedContext();
        }
        whole = bytes32((high << 128) | low);
    }
}
