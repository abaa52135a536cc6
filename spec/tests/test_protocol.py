import copy
import json
import unittest
from typing import Any

from zkml_spec import protocol
from zkml_spec.curve import G2
from zkml_spec.errors import Malformed
from zkml_spec.field import Q, R
from zkml_spec.output import number

from . import circuit

G2_JSON = [[number(c) for c in coordinate] for coordinate in G2]

# What is put at a path, and what the refusal says.
WRONG: list[tuple[list[Any], Any, str]] = [
    (["format"], "zkml key", "$.format: expected one of zkml protocol"),
    (["version"], 2, "$.version: expected an integer from 1 to 1"),
    (["version"], True, "$.version: expected an integer"),
    (["more"], 1, "$: unknown key 'more'"),
    (["key_digest"], "AB" * 32, "$.key_digest: expected 64 lower-case"),
    (["model_digest"], "ab" * 31, "$.model_digest: expected 64 lower-case"),
    (["transcript"], "poseidon", "$.transcript: expected one of"),
    (["transcript_repr"], number(R), "$.transcript_repr: a number that is not below"),
    (["transcript_repr"], "0x" + "A" * 64, "$.transcript_repr: expected 64 lower-case"),
    (["transcript_repr"], "0" * 66, "$.transcript_repr: expected 0x"),
    (["transcript_repr"], 5, "$.transcript_repr: expected a string"),
    (["s_g2"], G2_JSON, "$.s_g2: the generator"),
    (["s_g2"], [[number(0)] * 2] * 2, "$.s_g2: a point that is not in the group"),
    (["s_g2", 0], [number(0)] * 3, "$.s_g2[0]: expected a list of 2 to 2"),
    (["k"], 4, "$.k: expected an integer from 5"),
    (["k"], 23, "$.k: expected an integer from 5"),
    (["k"], 6, "$.omega: not the root of unity of order 2^6"),
    (["omega"], number(1), "$.omega: not the root"),
    (["blinding_factors"], 31, "$.blinding_factors: expected"),
    (["quotient_pieces"], 0, "$.quotient_pieces: expected"),
    (["permutation_chunk"], 0, "$.permutation_chunk: expected"),
    (["advice_phases"], [], "$.advice_phases: expected a list of 1"),
    (["advice_phases", 2], 2, "$.advice_phases: a phase without"),
    (["advice_phases", 2], 200, "$.advice_phases[2]: expected"),
    (["challenge_phases"], [2], "$.challenge_phases[0]: expected an integer from 0 to 1"),
    (["challenge_phases"], [1, 0], "$.challenge_phases: a phase before"),
    (["instances", 0], [0] * 30, "$.instances[0]: expected a list of 0 to 25"),
    (["instances", 0, 0], 2, "$.instances: each public value must"),
    (["instances", 0, 1], None, "$.instances: each public value must"),
    (["instances", 0, 1], 3, "$.instances[0][1]: expected an integer from 0 to 2"),
    (["integers"], 4, "$.integers: expected an integer from 0 to 3"),
    (["advice_queries", 0, 0], 3, "$.advice_queries[0][0]: expected an integer from 0 to 2"),
    (["advice_queries", 0, 1], 32, "$.advice_queries[0][1]: expected"),
    (["advice_queries", 1], [0, 0], "$.advice_queries: a query occurs twice"),
    (["advice_queries", 2], [1, 0], "$.advice_queries: a query occurs twice"),
    (["instance_queries", 0, 1], 1, "$.instance_queries[0][1]: expected"),
    (["fixed_queries", 0, 0], 3, "$.fixed_queries[0][0]: expected"),
    (["fixed_queries", 1, 0], 2, "$.link: the column of the marks has a query"),
    (["nodes", 0], ["advice", 4], "$.nodes[0][1]: expected an integer from 0 to 3"),
    (["nodes", 7], ["challenge", 1], "$.nodes[7][1]: expected an integer from 0 to 0"),
    (["nodes", 9], ["sum", 0, 9], "$.nodes[9][2]: expected an integer from 0 to 8"),
    (["nodes", 9], ["sum", 0, -1], "$.nodes[9][2]: expected an integer from 0 to 8"),
    (["nodes", 0], ["negated", 0], "$.nodes[0][1]: expected"),
    (["nodes", 9], ["sum", 0], "$.nodes[9]: no node 'sum' with 1 operands"),
    (["nodes", 9], ["power", 0, 1], "$.nodes[9]: no node 'power'"),
    (["nodes", 9], ["scaled", 0, 1], "$.nodes[9][2]: expected a string"),
    (["nodes", 9], [], "$.nodes[9]: expected a list of 2 to 3"),
    (["constraints", 0], 21, "$.constraints[0]: expected an integer from 0 to 20"),
    (["permutation", 0], ["advice", 5], "$.permutation[0]: a column of the permutation without a query"),
    (["permutation", 0], ["other", 0], "$.permutation[0][0]: expected one of"),
    (["permutation", 0], ["advice", 1], "$.permutation: a column occurs twice"),
    (["fixed_commitments", 0], [number(1), number(3)], "$.fixed_commitments[0]: a point that is not on"),
    (["fixed_commitments", 0], [number(1 + Q), number(2)], "$.fixed_commitments[0][0]: a number that is not below"),
    (["permutation_commitments"], [], "$.permutation_commitments: expected a list of 4 to 4"),
    (["link"], {}, "$.link: the key"),
    (["link", "columns"], 0, "$.link.columns: expected"),
    (["link", "first"], 1, "$.link: columns 1 to 2 of 2"),
    (["link", "marks"], 3, "$.link.marks: expected"),
]


class Protocols(unittest.TestCase):
    def test_what_is_read(self) -> None:
        read = protocol.read(json.dumps(circuit.protocol("evm", True)).encode())
        self.assertEqual((read.n, read.phases, read.last_rotation), (32, 2, -7))
        self.assertEqual(read.chunks, [[0, 1], [2, 3]])
        self.assertEqual(read.instances, [[None, 0, 1], [2]])
        self.assertIsNone(protocol.read(json.dumps(circuit.protocol("evm", False)).encode()).link)

    def test_what_is_refused(self) -> None:
        honest = circuit.protocol("evm", True)
        for path, wrong, message in WRONG:
            changed = copy.deepcopy(honest)
            place = changed
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = wrong
            with self.subTest(path=path, wrong=wrong), self.assertRaises(Malformed) as caught:
                protocol.read(json.dumps(changed).encode())
            self.assertTrue(str(caught.exception).startswith(message), str(caught.exception))

    def test_every_missing_key(self) -> None:
        for key in protocol.FIELDS:
            changed = circuit.protocol("evm", True)
            del changed[key]
            with self.subTest(key), self.assertRaises(Malformed):
                protocol.read(json.dumps(changed).encode())


if __name__ == "__main__":
    unittest.main()
