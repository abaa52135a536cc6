// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IInferenceConsumer} from "../src/IInferenceConsumer.sol";
import {InferenceCoordinator} from "../src/InferenceCoordinator.sol";

/// @title A consumer for tests
/// @notice Keeps what it is told, or misbehaves.
contract SampleConsumer is IInferenceConsumer {
    /// @notice The caller is not the coordinator.
    error NotTheCoordinator();
    /// @notice It is in a bad mood.
    error Refused();

    /// @notice What the callback does after it has kept the output.
    enum Mood {
        Good,
        Reverts,
        Reenters,
        BurnsGas
    }

    /// @notice The coordinator that is asked.
    InferenceCoordinator public immutable COORDINATOR;
    /// @notice The last request that was answered.
    uint256 public answered;
    /// @notice Number of answers.
    uint256 public answers;
    /// @notice The last outputs.
    int256[] public outputs;
    /// @notice What the callback does.
    Mood public mood;

    /// @notice A consumer of a coordinator.
    /// @param coordinator The coordinator.
    constructor(InferenceCoordinator coordinator) {
        COORDINATOR = coordinator;
    }

    /// @notice Takes refunds, unless it is in a mood to revert.
    receive() external payable {
        if (mood == Mood.Reverts) {
            revert Refused();
        }
    }

    /// @notice Sets what the callback does.
    /// @param to What it does from now on.
    function setMood(Mood to) external {
        mood = to;
    }

    /// @notice Asks, and pays with what is sent along.
    /// @param inputs The model's public inputs.
    /// @param deadline Last second for an answer.
    /// @param callbackGas Gas for the callback.
    /// @return requestId The request.
    function ask(uint256[] calldata inputs, uint64 deadline, uint32 callbackGas)
        external
        payable
        returns (uint256 requestId)
    {
        requestId = COORDINATOR.request{value: msg.value}(inputs, "", deadline, callbackGas);
    }

    /// @notice Takes what the coordinator could not pay at once.
    /// @param to Where it goes.
    function collect(address payable to) external {
        COORDINATOR.withdraw(to);
    }

    /// @inheritdoc IInferenceConsumer
    function onInference(uint256 requestId, int256[] calldata result) external {
        if (msg.sender != address(COORDINATOR)) {
            revert NotTheCoordinator();
        }
        answered = requestId;
        ++answers;
        outputs = result;
        if (mood == Mood.Reverts) {
            revert Refused();
        }
        if (mood == Mood.Reenters) {
            COORDINATOR.refund(requestId);
        }
        if (mood == Mood.BurnsGas) {
            while (true) {
                ++answers;
            }
        }
    }
}
