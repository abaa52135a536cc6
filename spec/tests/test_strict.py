import unittest

from zkml_spec.errors import Malformed
from zkml_spec.strict import parse, unhex


class Json(unittest.TestCase):
    def refused(self, text: str, reason: str) -> None:
        with self.assertRaises(Malformed) as caught:
            parse(text.encode())
        self.assertIn(reason, str(caught.exception))

    def test_what_is_no_json_is_refused_with_its_place(self) -> None:
        self.refused("", "byte 0: not JSON")
        self.refused('{"a": 1,}', "not JSON")
        self.refused('{"\u00e9": x}', "byte 7: not JSON")
        with self.assertRaises(Malformed) as caught:
            parse(b'{"a": "\xff"}')
        self.assertEqual(caught.exception.where, 7)

    def test_json_that_python_takes_and_we_do_not(self) -> None:
        self.refused('{"a": 1, "a": 2}', "the key 'a' occurs twice")
        self.refused("1.0", "not an integer")
        self.refused("1e9", "not an integer")
        self.refused("NaN", "not an integer")
        self.refused("-Infinity", "not an integer")
        self.refused("1" * 5000, "5000 digits")
        self.refused("[" * 100_000, "nested too deeply")

    def test_types_and_bounds(self) -> None:
        value = parse(b'{"list": [1, 2], "flag": true, "text": "abcd", "none": null}')
        numbers, flag, text, none = value.fields("list", "flag", "text", "none")
        self.assertEqual(numbers.each(0, 2, lambda item: item.integer(0, 2)), [1, 2])
        self.assertTrue(flag.boolean())
        self.assertEqual(text.one_of(["abcd", "e"]), "abcd")
        self.assertEqual(unhex(text, 2), b"\xab\xcd")
        wrong = {
            "$.list: expected a list of 3 to 4 values, found 2": lambda: numbers.items(3, 4),
            "$.list[1]: expected an integer from 0 to 1": lambda: numbers.each(0, 9, lambda item: item.integer(0, 1)),
            "$.flag: expected an integer, found a truth value": lambda: flag.integer(0, 1),
            "$.none: expected a string, found null": lambda: none.text(),
            "$.text: expected at most 3 characters": lambda: text.text(3),
            "$.text: expected 6 lower-case": lambda: unhex(text, 3),
            "$.text: expected one of e": lambda: text.one_of(["e"]),
            "$: unknown key 'flag'": lambda: value.fields("list", "text", "none"),
            "$: the key 'more' is missing": lambda: value.fields("list", "flag", "text", "none", "more"),
            "$.list: expected an object": lambda: numbers.fields(),
            "$.none: expected true or false": lambda: none.boolean(),
        }
        for message, call in wrong.items():
            with self.subTest(message), self.assertRaises(Malformed) as caught:
                call()
            self.assertTrue(str(caught.exception).startswith(message), str(caught.exception))

    def test_hexadecimal_digits_have_one_form(self) -> None:
        for text in ("AB", "0x", " a", "a\\n", "\u0661\u0661"):
            with self.subTest(text), self.assertRaises(Malformed):
                unhex(parse(f'"{text}"'.encode()), 1)


if __name__ == "__main__":
    unittest.main()
