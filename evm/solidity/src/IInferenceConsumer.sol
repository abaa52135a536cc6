// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title A contract that asks for inference
/// @notice Takes the outputs that it asked for.
interface IInferenceConsumer {
    /// @notice Takes the output of a request, once. Called by the coordinator that was asked: whoever else calls must
    /// be refused.
    /// @param requestId The request, as `InferenceCoordinator.request` returned it.
    /// @param outputs Outputs of the model, times 10^18.
    function onInference(uint256 requestId, int256[] calldata outputs) external;
}
