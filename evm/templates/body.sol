    /// @dev Order of the group of BN254, the scalar field's modulus.
    uint256 private constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @dev The modulus of the field of coordinates.
    uint256 private constant Q =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev Verifies. `head` is the number of bytes of the arguments before their tails: an offset for the
    /// proof and one for the public inputs come last. Memory from {{ crate::source::hex(crate::key::KEY) }} on is this function's: it holds the
    /// key, and nothing is allocated before.
    function _run(uint256 head) private view returns (bool valid) {
        assembly ("memory-safe") {
            let r := R
            // First byte of the proof, and of the public inputs.
            let proof := add(head, 0x24)
            let values := add(add(proof, PROOF_BYTES), 0x20)

            // The calldata is the one canonical encoding of a call: offsets, lengths and its end.
            {
                let wrong := xor(calldataload(sub(proof, 0x60)), head)
                wrong := or(wrong, xor(calldataload(sub(proof, 0x40)), sub(values, 0x24)))
                wrong := or(wrong, xor(calldataload(sub(proof, 0x20)), PROOF_BYTES))
                wrong := or(wrong, xor(calldataload(sub(values, 0x20)), PUBLIC_VALUES))
                wrong := or(wrong, xor(calldatasize(), add(values, shl(5, PUBLIC_VALUES))))
                if wrong {
                    // MalformedCalldata()
                    mstore(0x00, 0x{{ crate::source::selector("MalformedCalldata()") }})
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
                        mstore(0x00, 0x{{ crate::source::selector("TooLittleGas()") }})
                    }
                    default {
                        mstore(0x00, 0x{{ crate::source::selector("NoPrecompile()") }})
                    }
                    revert(0x1c, 0x04)
                }
            }
            valid := 1

            // Where public value number `i` of the circuit stands in the calldata.
            function position(i, start) -> at {
                switch ORDER
                case 0 {
                    at := add(start, shl(5, i))
                }
                default {
                    at := add(start, shl(5, shr(240, mload(add(ORDER, shl(1, i))))))
                }
            }

            // The transcript: the key's digest and the public values, then what the proof has for each
            // round, then the round's challenges. Public values are field elements in their canonical form, the
            // first ones integers of at most 63 bits and a sign. Those after the ones that the constraints are about
            // have a column of their own.
            {
                let buffer := MEMORY_END
                mstore(buffer, TRANSCRIPT)
                let end := add(buffer, 0x20)
                for { let i := 0 } lt(i, PUBLIC_VALUES) { i := add(i, 1) } {
                    let value := calldataload(add(values, shl(5, i)))
                    valid := and(valid, lt(value, r))
                    if lt(i, INTEGERS) {
                        valid := and(valid, lt(addmod(value, 0x7fffffffffffffff, r), 0xffffffffffffffff))
                    }
                }
                for { let column := 0 } lt(column, INSTANCE_COLUMNS) { column := add(column, 1) } {
                    for { let i := column } lt(i, CLAIMED_VALUES) { i := add(i, INSTANCE_COLUMNS) } {
                        mstore(end, calldataload(position(i, values)))
                        end := add(end, STRIDE)
                    }
                    end := sub(end, sub(STRIDE, 0x20))
                }
                {
                    let context := shl(5, sub(PUBLIC_VALUES, CLAIMED_VALUES))
                    calldatacopy(end, add(values, shl(5, CLAIMED_VALUES)), context)
                    end := add(end, context)
                }
                let source := proof
                let challenge := CHALLENGES
{%- if linked %}
                let linked := 0
{%- endif %}
                for { let rounds := ROUNDS } rounds { rounds := shl(32, rounds) } {
                    let length := shr(232, rounds)
                    calldatacopy(end, source, length)
                    source := add(source, length)
                    end := add(end, length)
{%- if linked %}
                    // A round with nothing of the proof is the link's: its challenge follows what the link is about.
                    if iszero(length) {
                        for { let at := STATEMENT } lt(at, STATEMENT_END) { at := add(at, 0x20) } {
                            mstore(end, mload(at))
                            end := add(end, 0x20)
                        }
                        linked := 1
                    }
{%- endif %}
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
{%- if linked %}
                valid := and(valid, linked)
{%- endif %}
            }

            // The evaluations, in canonical form.
            calldatacopy(EVALUATIONS, add(proof, POINT_BYTES), EVALUATION_BYTES)
            for { let at := EVALUATIONS } lt(at, SUMS) { at := add(at, 0x20) } {
                valid := and(valid, lt(mload(at), r))
            }
{%- if data %}
{% include "run.sol" %}
{%- endif %}
            // Numbers whose inverses are needed; then x - w^row for each row with public values.
{{ steps[0] }}
            {
                let end := MEMORY_END
                let x := mload(X)
                let root := 1
                for { let i := 0 } lt(i, CLAIMED_VALUES) { i := add(i, INSTANCE_COLUMNS) } {
                    mstore(end, addmod(x, sub(r, root), r))
                    root := mulmod(root, ROOT_STEP, r)
                    end := add(end, 0x20)
                }

                // All inverses by one: the products of all numbers before each, then back.
                let length := sub(end, DENOMINATORS)
                let product := 1
                for { let at := DENOMINATORS } lt(at, end) { at := add(at, 0x20) } {
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
                for { let at := end } gt(at, DENOMINATORS) {} {
                    at := sub(at, 0x20)
                    let before := mload(at)
                    mstore(at, mulmod(product, mload(add(at, length)), r))
                    product := mulmod(product, before, r)
                }

                // Instance columns at x, up to a common factor: the sum of value w^row / (x - w^row).
                let inverse := MEMORY_END
                root := 1
                for { let i := 0 } lt(i, CLAIMED_VALUES) {} {
                    let weight := mulmod(root, mload(inverse), r)
                    root := mulmod(root, ROOT_STEP, r)
                    inverse := add(inverse, 0x20)
                    for { let sum := SUMS } lt(sum, POWER) { sum := add(sum, 0x20) } {
                        if lt(i, CLAIMED_VALUES) {
                            let term := mulmod(weight, calldataload(position(i, values)), r)
                            mstore(sum, addmod(mload(sum), term, r))
                        }
                        i := add(i, 1)
                    }
                }
            }

            // The constraints at x, and the scalar of every point.
{{ steps[1] }}
            // Adds scalar * point: at `at` stand the sum, the point and room for the scalar.
            function accumulate(at, scalar) {
                if iszero(eq(scalar, 1)) {
                    mstore(add(at, 0x80), scalar)
                    answered(staticcall(gas(), 0x07, add(at, 0x40), 0x60, add(at, 0x40), 0x40), 0x40)
                }
                answered(staticcall(gas(), 0x06, at, 0x80, at, 0x40), 0x40)
            }

            if valid {
                let sum := MEMORY_END
                mstore(sum, 0)
                mstore(add(sum, 0x20), 0)
                let scalar := SCALARS
                // Points of the proof, and the two opening points after the evaluations: coordinates in canonical
                // form, on the curve, which the precompiles' encoding of the point at infinity is not.
                for { let at := proof } valid {} {
                    if eq(at, add(proof, POINT_BYTES)) {
                        at := add(at, EVALUATION_BYTES)
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
                    // Points of the{% if linked %} model commitment and of the{% endif %} key.
                    for { let at := KEY_POINTS } lt(at, KEY_POINTS_END) { at := add(at, 0x40) } {
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
                    mstore(add(sum, 0x100), S_G2_X1)
                    mstore(add(sum, 0x120), S_G2_X0)
                    mstore(add(sum, 0x140), S_G2_Y1)
                    mstore(add(sum, 0x160), S_G2_Y0)
                    answered(staticcall(gas(), 0x08, sum, 0x180, 0x00, 0x20), 0x20)
                    valid := eq(mload(0x00), 1)
                }
            }
        }
    }

    /// @dev The outputs among the public inputs of a call that `_run` found valid. It left the key in memory.
    function _outputs(uint256 head) private pure returns (int256[] memory outputs) {
        assembly ("memory-safe") {
            outputs := MEMORY_END
            let values := add(add(head, 0x44), PROOF_BYTES)
            let at := add(outputs, 0x20)
            for { let table := OUTPUTS } lt(table, OUTPUTS_END) { table := add(table, 0x20) } {
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
