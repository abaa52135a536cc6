// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title A verifier of one zkml model
/// @notice Says whether a proof proves that the model gave an output.
/// @dev A proof that does not verify gives `false`, whatever is wrong with it or the public inputs; another number of
/// bytes or public inputs than the model's proofs have reverts, and so does calldata that is not the encoding of a
/// call. Where there is no verdict, for too little gas or on a chain without a precompile that it takes, a call reverts,
/// too.
interface IZkmlVerifier {
    /// @notice Whether a proof proves its public inputs.
    /// @param proof The proof.
    /// @param publicInputs Public inputs, outputs and weights of the model, then the context.
    /// @return valid Whether it does.
    function verify(bytes calldata proof, uint256[] calldata publicInputs) external view returns (bool valid);

    /// @notice Whether a proof proves its public inputs, and the outputs of the model among them.
    /// @param proof The proof.
    /// @param publicInputs As for `verify`.
    /// @return valid Whether it does.
    /// @return outputs The outputs, times 10^18, rounded down; empty if the proof is not valid.
    function verifyAndDecode(bytes calldata proof, uint256[] calldata publicInputs)
        external
        view
        returns (bool valid, int256[] memory outputs);

    /// @notice Digest of the verifying key: what a consumer pins, together with the verifier's address.
    /// @dev It covers the circuit and all that is checked, so that a key of the same digest accepts the same proofs. The
    /// contract says it itself: whoever relies on it knows the contract's code.
    /// @return id The digest.
    function keyId() external view returns (bytes32 id);

    /// @notice How many of the public inputs, the last ones, are the context: numbers that a proof is bound to and that
    /// no constraint is about. All others are inputs, outputs and weights of the model, or commitments to them.
    /// @return length The number.
    function contextLength() external view returns (uint256 length);
}
