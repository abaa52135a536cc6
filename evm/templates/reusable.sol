// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title Verifier of zkml proofs for any model{% if linked %} with committed weights{% endif %}
/// @notice Verifies halo2 proofs (KZG on BN254, SHPLONK, Keccak transcript) that a neural network gave an
{%- if linked %}
/// output, and that its weights are those of a published commitment. What is particular to a model, the commitment
/// among it, stands in a key contract: its code is data, which this contract reads. Whoever asks must name the hash of
/// that code, and have it from someone they trust.
{%- else %}
/// output. What is particular to a model stands in a key contract: its code is data, which this
/// contract reads. Whoever asks must name the hash of that code, and have it from someone they trust.
{%- endif %}
/// @dev Public inputs and proofs that do not verify give `false`, whatever is wrong with them. Calldata that is not the
/// canonical encoding of a call with a proof and public inputs of the key's lengths reverts: with
/// `MalformedCalldata`, or without data where Solidity finds no arguments in it at all.
contract {{ name }} {
    /// @notice Calldata that is not the canonical encoding of a call, or another number of bytes or values.
    error MalformedCalldata();
    /// @notice Too little gas to tell whether the proof is valid.
    error TooLittleGas();
    /// @notice This chain lacks a precompile that verification needs (0x05 to 0x08), or has another one there.
    error NoPrecompile();
    /// @notice The compiler keeps variables where the key belongs: compile with its default code generator, not
    /// via IR.
    error MemoryTaken();
{%- if linked %}
    /// @notice The key is none of a model with committed weights.
    error NoCommitment(address key);
{%- endif %}
    /// @notice The key contract does not have the code that was expected.
    error WrongKey(address key, bytes32 expected, bytes32 found);

    // Addresses of the key's fields in memory.
{%- for (name, value) in fields %}
    uint256 private constant {{ name }} = {{ value }};
{%- endfor %}
{{ body }}
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
            extcodecopy(key, 0x00, add(sub(PUBLIC_VALUES, {{ crate::source::hex(crate::key::KEY) }}), 1), 0x40)
            length := sub(mload(0x00), mload(0x20))
        }
    }
{%- if linked %}

    /// @notice Digest of the manifest that lists the model commitment of a key contract, or without one of the
    /// commitment itself.
    /// @dev As `keyId`.
    /// @param key The key contract.
    /// @return digest The digest.
    function manifest(address key) external view returns (bytes32 digest) {
        assembly ("memory-safe") {
            // Its halves stand after the first word of what links are about.
            extcodecopy(key, 0x00, {{ crate::source::hex(crate::source::STATEMENT_OFFSET) }}, 0x20)
            extcodecopy(key, 0x00, add(sub(mload(0x00), {{ crate::source::hex(crate::key::KEY) }}), 0x21), 0x40)
            digest := or(shl(128, mload(0x00)), mload(0x20))
        }
    }

    /// @dev Loads the key to memory. The first byte of the code is INVALID: other keys start with STOP.
{%- else %}

    /// @dev Loads the key to memory. The first byte of the code is STOP.
{%- endif %}
    function _load(address key, bytes32 codeHash) private view {
        if (key.codehash != codeHash || key.code.length < 2) {
            revert WrongKey(key, codeHash, key.codehash);
        }
        assembly ("memory-safe") {
{% include "guard.sol" %}
{%- if linked %}
            extcodecopy(key, 0x00, 0x00, 0x20)
            if iszero(eq(byte(0, mload(0x00)), 0xfe)) {
                // NoCommitment(key)
                mstore(0x00, 0x{{ crate::source::selector("NoCommitment(address)") }})
                mstore(0x20, key)
                revert(0x1c, 0x24)
            }
{%- endif %}
            extcodecopy(key, {{ crate::source::hex(crate::key::KEY) }}, 0x01, sub(extcodesize(key), 1))
        }
    }
}
