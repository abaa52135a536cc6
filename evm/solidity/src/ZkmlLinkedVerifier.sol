// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title Verifier of zkml proofs for any model with committed weights
/// @notice Verifies halo2 proofs (KZG on BN254, SHPLONK, Keccak transcript) that a neural network gave an
/// output, and that its weights are those of a published commitment. What is particular to a model, the commitment
/// among it, stands in a key contract: its code is data, which this contract reads. Whoever asks must name the hash of
/// that code, and have it from someone they trust.
/// @dev Public inputs and proofs that do not verify give `false`, whatever is wrong with them. Calldata that is not the
/// canonical encoding of a call with a proof and public inputs of the key's lengths reverts: with
/// `MalformedCalldata`, or without data where Solidity finds no arguments in it at all.
contract ZkmlLinkedVerifier {
    /// @notice Calldata that is not the canonical encoding of a call, or another number of bytes or values.
    error MalformedCalldata();
    /// @notice Too little gas to tell whether the proof is valid.
    error TooLittleGas();
    /// @notice This chain lacks a precompile that verification needs (0x05 to 0x08), or has another one there.
    error NoPrecompile();
    /// @notice The compiler keeps variables where the key belongs: compile with its default code generator, not
    /// via IR.
    error MemoryTaken();
    /// @notice The key is none of a model with committed weights.
    error NoCommitment(address key);
    /// @notice The key contract does not have the code that was expected.
    error WrongKey(address key, bytes32 expected, bytes32 found);

    // Addresses of the key's fields in memory.
    uint256 private constant KEY_ID = 0x80;
    uint256 private constant STATEMENT = 0xa0;
    uint256 private constant STATEMENT_END = 0xc0;
    uint256 private constant TRANSCRIPT = 0xe0;
    uint256 private constant S_G2_X1 = 0x100;
    uint256 private constant S_G2_X0 = 0x120;
    uint256 private constant S_G2_Y1 = 0x140;
    uint256 private constant S_G2_Y0 = 0x160;
    uint256 private constant PROOF_BYTES = 0x180;
    uint256 private constant POINT_BYTES = 0x1a0;
    uint256 private constant EVALUATION_BYTES = 0x1c0;
    uint256 private constant PUBLIC_VALUES = 0x1e0;
    uint256 private constant CLAIMED_VALUES = 0x200;
    uint256 private constant INTEGERS = 0x220;
    uint256 private constant INSTANCE_COLUMNS = 0x240;
    uint256 private constant STRIDE = 0x260;
    uint256 private constant ROOT_STEP = 0x280;
    uint256 private constant ROUNDS = 0x2a0;
    uint256 private constant CHALLENGES = 0x2c0;
    uint256 private constant X = 0x2e0;
    uint256 private constant EVALUATIONS = 0x300;
    uint256 private constant SUMS = 0x320;
    uint256 private constant POWER = 0x340;
    uint256 private constant SCALARS = 0x360;
    uint256 private constant DENOMINATORS = 0x380;
    uint256 private constant MEMORY_END = 0x3a0;
    uint256 private constant KEY_POINTS = 0x3c0;
    uint256 private constant KEY_POINTS_END = 0x3e0;
    uint256 private constant ORDER = 0x400;
    uint256 private constant OUTPUTS = 0x420;
    uint256 private constant OUTPUTS_END = 0x440;
    uint256 private constant PROGRAM = 0x460;
    uint256 private constant PROGRAM_MIDDLE = 0x480;
    uint256 private constant PROGRAM_END = 0x4a0;
    /// @dev Order of the group of BN254, the scalar field's modulus.
    uint256 private constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @dev The modulus of the field of coordinates.
    uint256 private constant Q =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev Verifies. `head` is the number of bytes of the arguments before their tails: an offset for the
    /// proof and one for the public inputs come last. Memory from 0x80 on is this function's: it holds the
    /// key, and nothing is allocated before.
    function _run(uint256 head) private view returns (bool valid) {
        assembly ("memory-safe") {
            let r := R
            // First byte of the proof, and of the public inputs.
            let proof := add(head, 0x24)
            let values := add(add(proof, mload(PROOF_BYTES)), 0x20)

            // The calldata is the one canonical encoding of a call: offsets, lengths and its end.
            {
                let wrong := xor(calldataload(sub(proof, 0x60)), head)
                wrong := or(wrong, xor(calldataload(sub(proof, 0x40)), sub(values, 0x24)))
                wrong := or(wrong, xor(calldataload(sub(proof, 0x20)), mload(PROOF_BYTES)))
                wrong := or(wrong, xor(calldataload(sub(values, 0x20)), mload(PUBLIC_VALUES)))
                wrong := or(wrong, xor(calldatasize(), add(values, shl(5, mload(PUBLIC_VALUES)))))
                if wrong {
                    // MalformedCalldata()
                    mstore(0x00, 0x59170bf0)
                    revert(0x1c, 0x04)
                }
            }

            // Every call of a precompile ends here. Arguments are sound, so one that fails has too little gas. One that
            // succeeds without its result is none: a chain without the precompile has an empty account there, and the
            // call leaves memory as it was. Neither may pass for a verdict: both revert.
            function answered(success, size) {
                if iszero(and(success, eq(returndatasize(), size))) {
                    // NoPrecompile(), TooLittleGas()
                    switch success
                    case 0 {
                        mstore(0x00, 0x5dd42bb6)
                    }
                    default {
                        mstore(0x00, 0xf2f78149)
                    }
                    revert(0x1c, 0x04)
                }
            }
            valid := 1

            // Where public value number `i` of the circuit stands in the calldata.
            function position(i, start) -> at {
                switch mload(ORDER)
                case 0 {
                    at := add(start, shl(5, i))
                }
                default {
                    at := add(start, shl(5, shr(240, mload(add(mload(ORDER), shl(1, i))))))
                }
            }

            // The transcript: the key's digest and the public values, then what the proof has for each
            // round, then the round's challenges. Public values are field elements in their canonical form, the
            // first ones integers of at most 63 bits and a sign. Those after the ones that the constraints are about
            // have a column of their own.
            {
                let buffer := mload(MEMORY_END)
                mstore(buffer, mload(TRANSCRIPT))
                let end := add(buffer, 0x20)
                for { let i := 0 } lt(i, mload(PUBLIC_VALUES)) { i := add(i, 1) } {
                    let value := calldataload(add(values, shl(5, i)))
                    valid := and(valid, lt(value, r))
                    if lt(i, mload(INTEGERS)) {
                        valid := and(valid, lt(addmod(value, 0x7fffffffffffffff, r), 0xffffffffffffffff))
                    }
                }
                for { let column := 0 } lt(column, mload(INSTANCE_COLUMNS)) { column := add(column, 1) } {
                    for { let i := column } lt(i, mload(CLAIMED_VALUES)) { i := add(i, mload(INSTANCE_COLUMNS)) } {
                        mstore(end, calldataload(position(i, values)))
                        end := add(end, mload(STRIDE))
                    }
                    end := sub(end, sub(mload(STRIDE), 0x20))
                }
                {
                    let context := shl(5, sub(mload(PUBLIC_VALUES), mload(CLAIMED_VALUES)))
                    calldatacopy(end, add(values, shl(5, mload(CLAIMED_VALUES))), context)
                    end := add(end, context)
                }
                let source := proof
                let challenge := mload(CHALLENGES)
                let linked := 0
                for { let rounds := mload(ROUNDS) } rounds { rounds := shl(32, rounds) } {
                    let length := shr(232, rounds)
                    calldatacopy(end, source, length)
                    source := add(source, length)
                    end := add(end, length)
                    // A round with nothing of the proof is the link's: its challenge follows what the link is about.
                    if iszero(length) {
                        for { let at := mload(STATEMENT) } lt(at, mload(STATEMENT_END)) { at := add(at, 0x20) } {
                            mstore(end, mload(at))
                            end := add(end, 0x20)
                        }
                        linked := 1
                    }
                    for { let n := byte(3, rounds) } n { n := sub(n, 1) } {
                        if eq(end, add(buffer, 0x20)) {
                            mstore8(end, 1)
                            end := add(end, 1)
                        }
                        let hash := keccak256(buffer, sub(end, buffer))
                        mstore(buffer, hash)
                        end := add(buffer, 0x20)
                        mstore(challenge, mod(hash, r))
                        challenge := add(challenge, 0x20)
                    }
                }
                valid := and(valid, linked)
            }

            // The evaluations, in canonical form.
            calldatacopy(mload(EVALUATIONS), add(proof, mload(POINT_BYTES)), mload(EVALUATION_BYTES))
            for { let at := mload(EVALUATIONS) } lt(at, mload(SUMS)) { at := add(at, 0x20) } {
                valid := and(valid, lt(mload(at), r))
            }

            // Runs arithmetic. An instruction is four addresses of two bytes, to, a, b and c: the word at `to`
            // becomes a b + c. Four instructions are in a word.
            function run(at, end) {
                let modulus := R
                for {} lt(at, end) { at := add(at, 0x20) } {
                    let code := mload(at)
                    mstore(
                        shr(240, code),
                        addmod(
                            mulmod(
                                mload(and(shr(224, code), 0xffff)),
                                mload(and(shr(208, code), 0xffff)),
                                modulus
                            ),
                            mload(and(shr(192, code), 0xffff)),
                            modulus
                        )
                    )
                    mstore(
                        and(shr(176, code), 0xffff),
                        addmod(
                            mulmod(
                                mload(and(shr(160, code), 0xffff)),
                                mload(and(shr(144, code), 0xffff)),
                                modulus
                            ),
                            mload(and(shr(128, code), 0xffff)),
                            modulus
                        )
                    )
                    mstore(
                        and(shr(112, code), 0xffff),
                        addmod(
                            mulmod(
                                mload(and(shr(96, code), 0xffff)),
                                mload(and(shr(80, code), 0xffff)),
                                modulus
                            ),
                            mload(and(shr(64, code), 0xffff)),
                            modulus
                        )
                    )
                    mstore(
                        and(shr(48, code), 0xffff),
                        addmod(
                            mulmod(mload(and(shr(32, code), 0xffff)), mload(and(shr(16, code), 0xffff)), modulus),
                            mload(and(code, 0xffff)),
                            modulus
                        )
                    )
                }
            }
            // Numbers whose inverses are needed; then x - w^row for each row with public values.
            run(mload(PROGRAM), mload(PROGRAM_MIDDLE))
            {
                let end := mload(MEMORY_END)
                let x := mload(mload(X))
                let root := 1
                for { let i := 0 } lt(i, mload(CLAIMED_VALUES)) { i := add(i, mload(INSTANCE_COLUMNS)) } {
                    mstore(end, addmod(x, sub(r, root), r))
                    root := mulmod(root, mload(ROOT_STEP), r)
                    end := add(end, 0x20)
                }

                // All inverses by one: the products of all numbers before each, then back.
                let length := sub(end, mload(DENOMINATORS))
                let product := 1
                for { let at := mload(DENOMINATORS) } lt(at, end) { at := add(at, 0x20) } {
                    mstore(add(at, length), product)
                    product := mulmod(product, mload(at), r)
                }
                valid := and(valid, gt(product, 0))
                let call_ := add(end, length)
                mstore(call_, 0x20)
                mstore(add(call_, 0x20), 0x20)
                mstore(add(call_, 0x40), 0x20)
                mstore(add(call_, 0x60), product)
                mstore(add(call_, 0x80), sub(r, 2))
                mstore(add(call_, 0xa0), r)
                answered(staticcall(gas(), 0x05, call_, 0xc0, 0x00, 0x20), 0x20)
                product := mload(0x00)
                for { let at := end } gt(at, mload(DENOMINATORS)) {} {
                    at := sub(at, 0x20)
                    let before := mload(at)
                    mstore(at, mulmod(product, mload(add(at, length)), r))
                    product := mulmod(product, before, r)
                }

                // Instance columns at x, up to a common factor: the sum of value w^row / (x - w^row).
                let inverse := mload(MEMORY_END)
                root := 1
                for { let i := 0 } lt(i, mload(CLAIMED_VALUES)) {} {
                    let weight := mulmod(root, mload(inverse), r)
                    root := mulmod(root, mload(ROOT_STEP), r)
                    inverse := add(inverse, 0x20)
                    for { let sum := mload(SUMS) } lt(sum, mload(POWER)) { sum := add(sum, 0x20) } {
                        if lt(i, mload(CLAIMED_VALUES)) {
                            let term := mulmod(weight, calldataload(position(i, values)), r)
                            mstore(sum, addmod(mload(sum), term, r))
                        }
                        i := add(i, 1)
                    }
                }
            }

            // The constraints at x, and the scalar of every point.
            run(mload(PROGRAM_MIDDLE), mload(PROGRAM_END))
            // Adds scalar * point: at `at` stand the sum, the point and room for the scalar.
            function accumulate(at, scalar) {
                if iszero(eq(scalar, 1)) {
                    mstore(add(at, 0x80), scalar)
                    answered(staticcall(gas(), 0x07, add(at, 0x40), 0x60, add(at, 0x40), 0x40), 0x40)
                }
                answered(staticcall(gas(), 0x06, at, 0x80, at, 0x40), 0x40)
            }

            if valid {
                let sum := mload(MEMORY_END)
                mstore(sum, 0)
                mstore(add(sum, 0x20), 0)
                let scalar := mload(SCALARS)
                // Points of the proof, and the two opening points after the evaluations: coordinates in canonical
                // form, on the curve, which the precompiles' encoding of the point at infinity is not.
                for { let at := proof } valid {} {
                    if eq(at, add(proof, mload(POINT_BYTES))) {
                        at := add(at, mload(EVALUATION_BYTES))
                    }
                    if eq(at, sub(values, 0x20)) {
                        break
                    }
                    calldatacopy(add(sum, 0x40), at, 0x40)
                    let x := mload(add(sum, 0x40))
                    let y := mload(add(sum, 0x60))
                    valid := and(lt(x, Q), lt(y, Q))
                    valid := and(
                        valid,
                        eq(mulmod(y, y, Q), addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q))
                    )
                    if valid {
                        accumulate(sum, mload(scalar))
                    }
                    scalar := add(scalar, 0x20)
                    at := add(at, 0x40)
                }
                if valid {
                    // Points of the model commitment and of the key.
                    for { let at := mload(KEY_POINTS) } lt(at, mload(KEY_POINTS_END)) { at := add(at, 0x40) } {
                        mstore(add(sum, 0x40), mload(at))
                        mstore(add(sum, 0x60), mload(add(at, 0x20)))
                        accumulate(sum, mload(scalar))
                        scalar := add(scalar, 0x20)
                    }
                    mstore(add(sum, 0x40), 1)
                    mstore(add(sum, 0x60), 2)
                    accumulate(sum, mload(scalar))

                    // e(sum, -g2) e(second opening point, s g2) = 1
                    mstore(add(sum, 0x40), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
                    mstore(add(sum, 0x60), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
                    mstore(add(sum, 0x80), 0x275dc4a288d1afb3cbb1ac09187524c7db36395df7be3b99e673b13a075a65ec)
                    mstore(add(sum, 0xa0), 0x1d9befcd05a5323e6da4d435f3b617cdb3af83285c2df711ef39c01571827f9d)
                    calldatacopy(add(sum, 0xc0), sub(values, 0x60), 0x40)
                    mstore(add(sum, 0x100), mload(S_G2_X1))
                    mstore(add(sum, 0x120), mload(S_G2_X0))
                    mstore(add(sum, 0x140), mload(S_G2_Y1))
                    mstore(add(sum, 0x160), mload(S_G2_Y0))
                    answered(staticcall(gas(), 0x08, sum, 0x180, 0x00, 0x20), 0x20)
                    valid := eq(mload(0x00), 1)
                }
            }
        }
    }

    /// @dev The outputs among the public inputs of a call that `_run` found valid. It left the key in memory.
    function _outputs(uint256 head) private pure returns (int256[] memory outputs) {
        assembly ("memory-safe") {
            outputs := mload(MEMORY_END)
            let values := add(add(head, 0x44), mload(PROOF_BYTES))
            let at := add(outputs, 0x20)
            for { let table := mload(OUTPUTS) } lt(table, mload(OUTPUTS_END)) { table := add(table, 0x20) } {
                // First value and number of values (8 bytes each), scale (16 bytes, signed).
                let tensor := mload(table)
                let source := add(values, shl(5, shr(192, tensor)))
                let scale := signextend(15, tensor)
                for { let n := and(shr(128, tensor), 0xffffffffffffffff) } n { n := sub(n, 1) } {
                    let value := calldataload(source)
                    if gt(value, shr(1, R)) {
                        value := sub(value, R)
                    }
                    value := mul(value, 1000000000000000000)
                    switch slt(scale, 0)
                    case 0 {
                        value := sar(scale, value)
                    }
                    default {
                        value := shl(sub(0, scale), value)
                    }
                    mstore(at, value)
                    source := add(source, 0x20)
                    at := add(at, 0x20)
                }
            }
            mstore(outputs, shr(5, sub(sub(at, outputs), 0x20)))
            mstore(0x40, at)
        }
    }
    /// @notice Whether a proof proves its public inputs.
    /// @dev Arguments: the key contract, the hash of its code (`EXTCODEHASH`), the proof, the public inputs.
    /// @return valid Whether it does.
    function verify(address key, bytes32 codeHash, bytes calldata, uint256[] calldata)
        external
        view
        returns (bool valid)
    {
        _load(key, codeHash);
        valid = _run(0x80);
    }

    /// @notice Whether a proof proves its public inputs, and the outputs of the model among them.
    /// @dev Arguments as of `verify`.
    /// @return valid Whether it does.
    /// @return outputs The outputs, times 10^18, rounded down; empty if the proof is not valid.
    function verifyAndDecode(address key, bytes32 codeHash, bytes calldata, uint256[] calldata)
        external
        view
        returns (bool valid, int256[] memory outputs)
    {
        _load(key, codeHash);
        valid = _run(0x80);
        if (valid) {
            outputs = _outputs(0x80);
        }
    }

    /// @notice Digest of the verifying key that a key contract holds, which covers the circuit and all that is checked.
    /// @dev What the contract says: whoever relies on it checks the hash of its code, too.
    /// @param key The key contract.
    /// @return id The digest.
    function keyId(address key) external view returns (bytes32 id) {
        assembly ("memory-safe") {
            extcodecopy(key, 0x00, 0x01, 0x20)
            id := mload(0x00)
        }
    }

    /// @notice How many of the public inputs, the last ones, are numbers that a proof is bound to and that no constraint
    /// is about, by a key contract.
    /// @dev As `keyId`. The field with the number of the others is the next one.
    /// @param key The key contract.
    /// @return length The number.
    function contextLength(address key) external view returns (uint256 length) {
        assembly ("memory-safe") {
            extcodecopy(key, 0x00, add(sub(PUBLIC_VALUES, 0x80), 1), 0x40)
            length := sub(mload(0x00), mload(0x20))
        }
    }

    /// @notice Digest of the manifest that lists the model commitment of a key contract, or without one of the
    /// commitment itself.
    /// @dev As `keyId`.
    /// @param key The key contract.
    /// @return digest The digest.
    function manifest(address key) external view returns (bytes32 digest) {
        assembly ("memory-safe") {
            // Its halves stand after the first word of what links are about.
            extcodecopy(key, 0x00, 0x21, 0x20)
            extcodecopy(key, 0x00, add(sub(mload(0x00), 0x80), 0x21), 0x40)
            digest := or(shl(128, mload(0x00)), mload(0x20))
        }
    }

    /// @dev Loads the key to memory. The first byte of the code is INVALID: other keys start with STOP.
    function _load(address key, bytes32 codeHash) private view {
        if (key.codehash != codeHash || key.code.length < 2) {
            revert WrongKey(key, codeHash, key.codehash);
        }
        assembly ("memory-safe") {
            if gt(mload(0x40), 0x80) {
                // MemoryTaken()
                mstore(0x00, 0x242fc58a)
                revert(0x1c, 0x04)
            }
            extcodecopy(key, 0x00, 0x00, 0x20)
            if iszero(eq(byte(0, mload(0x00)), 0xfe)) {
                // NoCommitment(key)
                mstore(0x00, 0x405dd5a7)
                mstore(0x20, key)
                revert(0x1c, 0x24)
            }
            extcodecopy(key, 0x80, 0x01, sub(extcodesize(key), 1))
        }
    }
}
