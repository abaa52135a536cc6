// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IInferenceConsumer} from "./IInferenceConsumer.sol";
import {IZkmlVerifier} from "./IZkmlVerifier.sol";
import {PinnedKey} from "./PinnedKey.sol";

/// @title Inference on request
/// @notice Contracts ask for a run of a model and pay for it; the node whose proof is the first answer is paid,
/// and the outputs go to the requester's callback, once. Requests that nobody answers in time are refunded.
/// @dev The last four public inputs of the model's proofs are numbers that a proof is bound to (`zkml compile
/// --context coordinator`): the request, whose number stands for one coordinator on one chain, the requester, the node
/// that is paid, and the verifying key (the first 31 bytes of its digest).
/// So a proof answers one request, of one requester, under one key; and whoever copies it from a pending transaction
/// answers for the node that made it, which is paid all the same.
/// What the model ran on is what the request says if those public inputs that it fixes say so: the model's inputs, if
/// they are public, or the commitment to them, if they are hashed. With private inputs the node chooses.
contract InferenceCoordinator is PinnedKey {
    /// @notice No such request, or it was answered or refunded.
    error UnknownRequest(uint256 requestId);
    /// @notice The request can no longer be answered.
    error RequestExpired(uint256 requestId, uint256 deadline);
    /// @notice The request can still be answered.
    error RequestOpen(uint256 requestId, uint256 deadline);
    /// @notice A deadline that is past, or too far away.
    error WrongDeadline(uint256 deadline);
    /// @notice Another number of inputs than requests fix, or more gas for the callback than is allowed.
    error WrongRequest();
    /// @notice The public inputs are about another request, requester, key or input, or name no node.
    error WrongContext(uint256 requestId);
    /// @notice The proof does not prove the public inputs.
    error InvalidProof(uint256 requestId);
    /// @notice Too little gas for the requester's callback.
    error TooLittleGas();
    /// @notice A call from within a call.
    error Reentered();
    /// @notice There is nothing to withdraw, or the recipient refused it.
    error NothingPaid();

    /// @notice A request for nodes.
    /// @param requestId The request.
    /// @param requester Who asks.
    /// @param payment What the node that answers is paid.
    /// @param deadline Last second in which the request can be answered.
    /// @param inputs The public inputs that it fixes.
    /// @param data Between the requester and the nodes: a reference to encrypted inputs, say.
    event InferenceRequested(
        uint256 indexed requestId,
        address indexed requester,
        uint256 payment,
        uint256 deadline,
        uint256[] inputs,
        bytes data
    );
    /// @notice A request was answered.
    /// @param requestId The request.
    /// @param node Whose proof it was, and who is paid.
    /// @param delivered Whether the callback took the outputs.
    /// @param outputs The outputs, times 10^18.
    event InferenceDelivered(uint256 indexed requestId, address indexed node, bool delivered, int256[] outputs);
    /// @notice A request was not answered in time.
    /// @param requestId The request.
    /// @param requester Who asked.
    /// @param payment What goes back.
    event InferenceRefunded(uint256 indexed requestId, address indexed requester, uint256 payment);

    struct Request {
        address requester;
        uint64 deadline;
        uint32 callbackGas;
        uint256 payment;
        bytes32 inputs;
    }

    /// @notice Longest time that a request stays open, in seconds.
    uint256 public constant LONGEST = 30 days;
    /// @notice Most gas for a callback.
    uint256 public constant MOST_CALLBACK_GAS = 2_000_000;
    /// @dev Numbers after the model's public values.
    uint256 private constant CONTEXT = 4;
    /// @notice The first of the public inputs that requests fix.
    uint256 public immutable FIRST;
    /// @notice How many they are.
    uint256 public immutable INPUTS;

    /// @notice Open requests.
    mapping(uint256 => Request) public requests;
    /// @notice What could not be paid at once.
    mapping(address => uint256) public credit;
    /// @notice Number of requests so far.
    uint256 public count;
    bool private _entered;

    /// @dev No function is called from within another.
    modifier once() {
        if (_entered) {
            revert Reentered();
        }
        _entered = true;
        _;
        _entered = false;
    }

    /// @notice A coordinator for one model.
    /// @param verifier Verifier of the model.
    /// @param key Digest of the model's verifying key.
    /// @param first The first of the public inputs that requests fix: 0 if they are the model's inputs.
    /// @param inputs How many they are; 0 if the model's inputs are private.
    constructor(IZkmlVerifier verifier, bytes32 key, uint256 first, uint256 inputs) PinnedKey(verifier, key, CONTEXT) {
        FIRST = first;
        INPUTS = inputs;
    }

    /// @notice Asks for a run of the model. What is sent along is paid to the node that answers.
    /// @param inputs The public inputs that are fixed, as the model's proofs have them.
    /// @param data For the nodes.
    /// @param deadline Last second in which the request can be answered.
    /// @param callbackGas Gas for `IInferenceConsumer.onInference` of the sender.
    /// @return requestId The request: no other one has this number, of no coordinator on no chain.
    function request(uint256[] calldata inputs, bytes calldata data, uint64 deadline, uint32 callbackGas)
        external
        payable
        once
        returns (uint256 requestId)
    {
        if (deadline < block.timestamp || deadline > block.timestamp + LONGEST) {
            revert WrongDeadline(deadline);
        }
        if (inputs.length != INPUTS || callbackGas > MOST_CALLBACK_GAS) {
            revert WrongRequest();
        }
        // 31 bytes are a field element. Chain and coordinator are in it: a proof answers nowhere else.
        requestId = uint256(keccak256(abi.encode(block.chainid, address(this), ++count))) >> 8;
        requests[requestId] = Request({
            requester: msg.sender,
            deadline: deadline,
            callbackGas: callbackGas,
            payment: msg.value,
            inputs: keccak256(abi.encodePacked(inputs))
        });
        emit InferenceRequested(requestId, msg.sender, msg.value, deadline, inputs, data);
    }

    /// @notice Answers a request: verifies, delivers the outputs, pays the node that the proof names.
    /// @dev Anyone may bring an answer.
    /// @param requestId The request.
    /// @param proof The proof.
    /// @param publicInputs Its public inputs.
    function answer(uint256 requestId, bytes calldata proof, uint256[] calldata publicInputs) external once {
        Request memory open = requests[requestId];
        if (open.requester == address(0)) {
            revert UnknownRequest(requestId);
        }
        if (block.timestamp > open.deadline) {
            revert RequestExpired(requestId, open.deadline);
        }
        address node = _checkContext(requestId, open, publicInputs);
        // From here on the request is answered: nothing below can find it again.
        delete requests[requestId];
        (bool valid, int256[] memory outputs) = VERIFIER.verifyAndDecode(proof, publicInputs);
        if (!valid) {
            revert InvalidProof(requestId);
        }
        bool delivered = _deliver(requestId, open, outputs);
        emit InferenceDelivered(requestId, node, delivered, outputs);
        _pay(node, open.payment);
    }

    /// @notice Refunds a request that nobody answered in time.
    /// @param requestId The request.
    function refund(uint256 requestId) external once {
        Request memory open = requests[requestId];
        if (open.requester == address(0)) {
            revert UnknownRequest(requestId);
        }
        if (block.timestamp <= open.deadline) {
            revert RequestOpen(requestId, open.deadline);
        }
        delete requests[requestId];
        emit InferenceRefunded(requestId, open.requester, open.payment);
        _pay(open.requester, open.payment);
    }

    /// @notice Takes what could not be paid at once.
    /// @param to Where it goes.
    function withdraw(address payable to) external once {
        uint256 amount = credit[msg.sender];
        credit[msg.sender] = 0;
        (bool paid,) = to.call{value: amount}("");
        if (amount == 0 || !paid) {
            revert NothingPaid();
        }
    }

    /// @notice The four numbers that a node's proof for a request is bound to.
    /// @param requestId The request.
    /// @param node Who is to be paid.
    /// @return context The request, its requester, the node, the key.
    function contextOf(uint256 requestId, address node) external view returns (uint256[4] memory context) {
        context = [requestId, uint256(uint160(requests[requestId].requester)), uint256(uint160(node)), _key()];
    }

    /// @dev The public inputs are about this request; the result is the node that they name.
    function _checkContext(uint256 requestId, Request memory open, uint256[] calldata publicInputs)
        private
        view
        returns (address node)
    {
        uint256 length = publicInputs.length;
        if (length < FIRST + INPUTS + CONTEXT) {
            revert WrongContext(requestId);
        }
        uint256[] calldata context = publicInputs[length - CONTEXT:];
        node = address(uint160(context[2]));
        bool same = context[0] == requestId && context[1] == uint256(uint160(open.requester))
            && context[2] == uint256(uint160(node)) && context[3] == _key()
            && keccak256(abi.encodePacked(publicInputs[FIRST:FIRST + INPUTS])) == open.inputs;
        if (!same || node == address(0)) {
            revert WrongContext(requestId);
        }
    }

    /// @dev The key's number in a proof: the first 31 bytes of its digest, which are a field element.
    function _key() private view returns (uint256 number) {
        number = uint256(KEY) >> 8;
    }

    /// @dev Calls back with exactly the gas that the requester chose. A callback that fails has had its chance: the
    /// node did its work.
    function _deliver(uint256 requestId, Request memory open, int256[] memory outputs)
        private
        returns (bool delivered)
    {
        bytes memory data = abi.encodeCall(IInferenceConsumer.onInference, (requestId, outputs));
        // A call gets at most 63/64 of what is left: a node must not be able to make it fail.
        if (gasleft() < uint256(open.callbackGas) * 64 / 63 + 50_000) {
            revert TooLittleGas();
        }
        address requester = open.requester;
        uint256 callbackGas = open.callbackGas;
        assembly ("memory-safe") {
            // What the callback returns is not copied: it could be made to cost more than there is.
            delivered := call(callbackGas, requester, 0, add(data, 0x20), mload(data), 0, 0)
        }
        delivered = delivered && requester.code.length > 0;
    }

    /// @dev Pays, or keeps what the recipient does not take.
    function _pay(address to, uint256 amount) private {
        if (amount == 0) {
            return;
        }
        bool paid;
        assembly ("memory-safe") {
            paid := call(30000, to, amount, 0, 0, 0, 0)
        }
        if (!paid) {
            credit[to] += amount;
        }
    }
}
