import json
import unittest
from typing import Any, Optional

from zkml_spec import protocol, verify
from zkml_spec.errors import Invalid, Malformed
from zkml_spec.field import R
from zkml_spec.files import Commitment, Proof
from zkml_spec.output import number
from zkml_spec.protocol import ROOT_OF_UNITY

from . import circuit
from .prover import Prover, Witness

MANIFEST = bytes(range(32))


def commitment() -> Commitment:
    return Commitment(b"\xcd" * 32, b"\xab" * 32, circuit.parameters(), MANIFEST)


class Made:
    """A protocol with a proof of a witness, true or not."""

    def __init__(self, transcript: str, linked: bool, witness: Optional[Witness] = None, permuted: bool = True) -> None:
        self.linked = linked
        self.protocol = protocol.read(json.dumps(circuit.protocol(transcript, linked, permuted)).encode())
        chosen = witness or circuit.witness()
        if not permuted:
            chosen.sigma = []
        self.proof = Prover(self.protocol, circuit.SRS, chosen, circuit.statement(linked)).prove()

    def verdict(self, **changes) -> bool:
        data = changes.pop("proof", self.proof)
        values = changes.pop("public_values", circuit.PUBLIC_VALUES)
        given = Proof(b"\xcd" * 32, b"\xab" * 32, self.protocol.transcript, values, data, lambda offset: offset)
        committed = changes.pop("commitment", commitment() if self.linked else None)
        computed = verify.trace(self.protocol, given, committed, changes.pop("manifest", None))
        assert not changes
        return verify.holds(self.protocol, computed)


class HonestProofs(unittest.TestCase):
    def test_both_transcripts_with_and_without_a_link(self) -> None:
        for transcript in ("blake2b", "evm"):
            for linked in (False, True):
                with self.subTest(transcript=transcript, linked=linked):
                    self.assertTrue(Made(transcript, linked).verdict())

    def test_circuit_without_copies(self) -> None:
        self.assertTrue(Made("blake2b", False, permuted=False).verdict())


class FalseWitnesses(unittest.TestCase):
    """The prover drops the remainders of its divisions: the equation must not hold."""

    def rejected(self, witness: Witness, linked: bool = False) -> None:
        self.assertFalse(Made("blake2b", linked, witness).verdict())

    def test_gates(self) -> None:
        for column in range(3):
            witness = circuit.witness()
            honest = witness.advice[column]

            def forged(challenges, honest=honest):
                values = honest(challenges)
                values[3] += 1
                return values

            witness.advice[column] = forged
            with self.subTest(column):
                self.rejected(witness)

    def test_copies(self) -> None:
        # The cell of advice column 0 on row 4 is read by no gate: only the copy of a fixed cell says that it is 0.
        witness = circuit.witness()
        forged = witness.advice[0]([])
        forged[4] = 1
        witness.advice[0] = lambda _: list(forged)
        self.rejected(witness)

    def test_committed_parameters(self) -> None:
        # The cell of advice column 0 on row 5 is marked, and read by nothing else; that on row 6 is not marked.
        for row, accepted in ((5, False), (6, True)):
            witness = circuit.witness()
            forged = witness.advice[0]([])
            forged[row] = 99
            witness.advice[0] = lambda _, forged=forged: list(forged)
            with self.subTest(row):
                self.assertEqual(Made("blake2b", True, witness).verdict(), accepted)


class Mutations(unittest.TestCase):
    def test_every_part_of_a_proof(self) -> None:
        made = Made("blake2b", True)
        self.assertEqual(len(made.proof) % 32, 0)
        for part in range(0, len(made.proof), 32):
            number = int.from_bytes(made.proof[part : part + 32], "little")
            for changed in (number + 1, number ^ (1 << 254)):
                data = made.proof[:part] + changed.to_bytes(32, "little") + made.proof[part + 32 :]
                with self.subTest(part=part, changed=changed):
                    try:
                        self.assertFalse(made.verdict(proof=data))
                    except Malformed as error:
                        self.assertEqual(error.where, part)

    def test_lengths(self) -> None:
        made = Made("evm", False)
        for data in (made.proof[:-1], made.proof[:-32], b"", made.proof + b"\0", made.proof + bytes(32)):
            with self.subTest(len(data)), self.assertRaises(Malformed) as caught:
                made.verdict(proof=data)
            self.assertTrue(str(caught.exception).startswith("byte "))

    def test_what_surrounds_a_proof(self) -> None:
        made = Made("evm", True)
        self.assertTrue(made.verdict())
        other = commitment()
        swapped = Commitment(other.model_digest, other.key_digest, other.points[::-1], other.digest)
        foreign = Commitment(other.model_digest, b"\0" * 32, other.points, other.digest)
        short = Commitment(other.model_digest, other.key_digest, other.points[:1], other.digest)
        self.assertFalse(made.verdict(commitment=swapped))
        self.assertFalse(made.verdict(manifest=bytes(32)))
        self.assertTrue(made.verdict(manifest=MANIFEST))
        for index in range(3):
            values = list(circuit.PUBLIC_VALUES)
            values[index] += 1
            self.assertFalse(made.verdict(public_values=values))
        for wrong in (
            {"commitment": foreign},
            {"commitment": short},
            {"commitment": None},
            {"public_values": circuit.PUBLIC_VALUES[:2]},
            {"public_values": [1 << 63, *circuit.PUBLIC_VALUES[1:]]},
            {"public_values": [R - (1 << 63), *circuit.PUBLIC_VALUES[1:]]},
        ):
            with self.subTest(wrong), self.assertRaises(Invalid):
                made.verdict(**wrong)
        with self.assertRaises(Invalid):
            Made("blake2b", False).verdict(commitment=commitment())


class ChangedProtocols(unittest.TestCase):
    """A proof of one circuit is none of a circuit that differs in anything: nothing in a protocol is ignored."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.made = Made("blake2b", True)
        cls.honest = circuit.protocol("blake2b", True)

    def rejected(self, **changes: Any) -> None:
        self.made.protocol = protocol.read(json.dumps({**self.honest, **changes}).encode())
        try:
            self.assertFalse(self.made.verdict())
        except (Invalid, Malformed):
            pass

    def test_honest_protocol(self) -> None:
        self.made.protocol = protocol.read(json.dumps(self.honest).encode())
        self.assertTrue(self.made.verdict())

    def test_numbers(self) -> None:
        wider = pow(ROOT_OF_UNITY, 1 << 22, R)
        for changes in (
            {"transcript_repr": number(1)},
            {"model_digest": "00" * 32},
            {"key_digest": "00" * 32},
            {"transcript": "evm"},
            {"k": 6, "omega": number(wider)},
            {"blinding_factors": 7},
            {"quotient_pieces": 2},
            {"permutation_chunk": 3},
            {"permutation_chunk": 4},
            {"advice_phases": [0, 1, 0], "link": {**self.honest["link"], "columns": 2}},
            {"challenge_phases": [1]},
            {"challenge_phases": [0, 0]},
            {"integers": 3},
            {"s_g2": [[number(c) for c in coordinate] for coordinate in circuit.s_g2(circuit.SRS.secret + 1)]},
        ):
            with self.subTest(changes):
                self.rejected(**changes)

    def test_lists(self) -> None:
        for key in (
            "advice_queries",
            "fixed_queries",
            "constraints",
            "permutation",
            "fixed_commitments",
            "permutation_commitments",
        ):
            values = self.honest[key]
            for i in range(len(values) - 1):
                swapped = [*values[:i], values[i + 1], values[i], *values[i + 2 :]]
                with self.subTest(key=key, swapped=i):
                    self.rejected(**{key: swapped})
        for i in range(3):
            self.rejected(constraints=self.honest["constraints"][:i] + self.honest["constraints"][i + 1 :])
        for instances in ([[0, None, 1], [2]], [[None, 1, 0], [2]], [[None, 0, 1, None], [2]], [[None, 0, 1, 2], []]):
            self.rejected(instances=instances)
        self.rejected(advice_queries=[[0, 0], [1, 0], [1, 2], [2, 0]])

    def test_nodes(self) -> None:
        other = {"sum": "product", "product": "sum"}
        for index, node in enumerate(self.honest["nodes"]):
            changed = list(node)
            if node[0] == "negated":
                changed = ["scaled", node[1], number(2)]
            elif node[0] in ("constant", "scaled"):
                changed[-1] = number(17)
            elif node[0] in other:
                changed[0] = other[node[0]]
            else:
                changed = ["constant", number(1)]
            with self.subTest(node):
                self.rejected(nodes=[*self.honest["nodes"][:index], changed, *self.honest["nodes"][index + 1 :]])

    def test_link(self) -> None:
        link = self.honest["link"]
        for changes in ({"tag": number(5)}, {"columns": 1}):
            with self.subTest(changes):
                self.rejected(link={**link, **changes})
        self.rejected(link=None)
        self.rejected(link={**link, "marks": 1}, fixed_queries=[[0, 0], [2, 0]])


if __name__ == "__main__":
    unittest.main()
