#!/usr/bin/env python3
"""Follows "Adding an operation" of ARCHITECTURE.md in a copy of the sources, and checks its table of omissions.

The copy gets an operation that exists nowhere else, Magnitude (`|x|`): importer, model, float operation, lowering, integer
operation, gadget, sample, cheat. Its tests must pass. Then, step by step, one thing is left out, and the message that the
table names must appear. Needs cargo and git alone:

    python3 scripts/guide.py              # all of it
    python3 scripts/guide.py --only sample
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "target" / "guide"
PARTS = ROOT / "testing" / "guide"


def part(name):
    return (PARTS / name).read_text()


def field(number, payload):
    """A length-delimited field of a protocol buffer."""
    payload = payload.encode() if isinstance(payload, str) else payload
    return bytes([number << 3 | 2, len(payload)]) + payload


def number(tag, value):
    return bytes([tag << 3, value])


def network():
    """An ONNX model of one node Magnitude, on six numbers (fields as in onnx.proto)."""
    shape = field(2, field(1, field(1, number(1, 1)) + field(2, field(1, number(1, 6)))))
    tensor = lambda name: field(1, name) + field(2, field(1, number(1, 1) + shape))
    shape = field(2, field(1, number(1, 6)))
    node = field(1, "x") + field(2, "y") + field(3, "node") + field(4, "Magnitude")
    value = lambda name: field(1, name) + field(2, field(1, number(1, 1) + shape))
    graph = field(1, node) + field(2, "magnitude") + field(11, value("x")) + field(12, value("y"))
    return number(1, 7) + field(7, graph) + field(8, number(2, 17))


def samples():
    inputs = [[round((i * 37 % 41) / 10 - 2 - s / 8, 3) for i in range(6)] for s in range(4)]
    outputs = [[abs(x) for x in sample] for sample in inputs]
    return json.dumps(
        {
            "input_shapes": [[6]],
            "output_shapes": [[6]],
            "inputs": [[sample] for sample in inputs],
            "outputs": [[sample] for sample in outputs],
        }
    )


class Step:
    """A change of the copy: a new file, or a text put before or after the one place that has an anchor."""

    def __init__(self, name, path, text, before=None, after=None):
        self.name, self.path, self.text, self.before, self.after = name, path, text, before, after

    def apply(self):
        path = COPY / self.path
        anchor = self.before or self.after
        if anchor is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.text if isinstance(self.text, bytes) else self.text.encode())
            return
        text = path.read_text()
        if text.count(anchor) != 1:
            sys.exit(f"{self.path}: expected the text {anchor!r} once, found it {text.count(anchor)} times; mend scripts/guide.py")
        path.write_text(text.replace(anchor, self.text + anchor if self.before else anchor + self.text))


CORE, CIRCUITS = "zkml-core/src", "circuits/src"
CHEAT = '''
#[test]
fn a_magnitude_has_one_sign() {
    let mut f = Forgery::of("magnitude");
    let u = f.gadget("magnitude", 0, |c| c[0] < 31 && c[1] < 31);
    f.add(u, &[(0, 1), (1, 1)]);
    f.linear_constraint(0, u.index, 2);
    f.rejected_by(&["a value is not positive and negative"]);
}
'''
SAMPLE = '''
fn magnitude() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[4]);
    let y = b.node(Op::Magnitude(zkml_core::ops::Magnitude { limbs: 1 }), &[x], &[4]);
    b.output(y);
    sample("magnitude", b, vec![vec![-16, 15, 0, -3]])
}
'''

# Numbers are those of the guide.
STEPS = [
    Step("1 importer", f"{CORE}/onnx/ops/magnitude.rs", part("importer.rs")),
    Step("1 module", f"{CORE}/onnx/ops/mod.rs", "mod magnitude;\n", before="mod matmul;\n"),
    Step("1 line", f"{CORE}/onnx/ops/mod.rs", "    magnitude::OPERATORS,\n", before="    matmul::OPERATORS,\n"),
    Step("2 model", "tests/models/magnitude/network.onnx", network()),
    Step("2 samples", "tests/models/magnitude/data.json", samples()),
    Step("3 variant", f"{CORE}/float/op.rs", "    /// `|x|`.\n    Magnitude,\n", before="    /// Negation.\n"),
    Step("3 name", f"{CORE}/float/op.rs", '            FloatOp::Magnitude => "Magnitude",\n', before='            FloatOp::Neg => "Neg",\n'),
    Step("3 shape", f"{CORE}/float/ops/mod.rs", "        | FloatOp::Magnitude\n", after="        FloatOp::Neg\n"),
    Step(
        "3 evaluation",
        f"{CORE}/float/ops/mod.rs",
        "        FloatOp::Magnitude => inputs[0].mapv(f32::abs),\n",
        before="        FloatOp::Neg => unary::neg(inputs[0]),\n",
    ),
    Step(
        "3 least value",
        f"{CORE}/float/least.rs",
        "            FloatOp::Magnitude => of(0).max(0.0),\n",
        before="            FloatOp::Relu => of(0).max(0.0),\n",
    ),
    Step("4 lowering", f"{CORE}/quantize/lower/magnitude.rs", part("lowering.rs")),
    Step("4 module", f"{CORE}/quantize/lower/mod.rs", "mod magnitude;\n", before="mod materialise;\n"),
    Step(
        "4 line",
        f"{CORE}/quantize/lower/mod.rs",
        "            FloatOp::Magnitude => self.magnitude(input(0))?,\n",
        before="            FloatOp::Neg => self.negate(input(0))?,\n",
    ),
    Step("5 operation", f"{CORE}/ops/magnitude.rs", part("operation.rs")),
    Step("6 module", f"{CORE}/ops/mod.rs", "mod magnitude;\n", before="mod mat_mul;\n"),
    Step("6 name", f"{CORE}/ops/mod.rs", "pub use magnitude::Magnitude;\n", before="pub use mat_mul::MatMul;\n"),
    Step("6 list", f"{CORE}/ops/mod.rs", " Magnitude,", after="Div, Lut, ArgMax,"),
    Step("7 gadget", f"{CIRCUITS}/gadget/magnitude.rs", part("gadget.rs")),
    Step("8 module", f"{CIRCUITS}/gadget/mod.rs", "mod magnitude;\n", before="mod max;\n"),
    Step("8 name", f"{CIRCUITS}/gadget/mod.rs", "use zkml_core::ops::Magnitude;\n", before="use zkml_core::ops::{Clip,"),
    Step("8 list", f"{CIRCUITS}/gadget/mod.rs", "    Magnitude(Magnitude),\n", after="    ArgMax(ArgMaxElement),\n"),
    Step(
        "9 placement",
        f"{CIRCUITS}/lower/mod.rs",
        "            Op::Magnitude(op) => self.unary(id, (*op).into()),\n",
        before="            Op::Mul(op) => self.binary(id, (*op).into()),\n",
    ),
    Step("10 sample", "circuits/tests/common/samples.rs", SAMPLE, before="\n/// The sample with this name.\n"),
    Step("10 list of samples", "circuits/tests/common/samples.rs", "        magnitude(),\n", before="        arg_max(),\n"),
    Step("10 cheat", f"{CIRCUITS}/soundness/gadgets.rs", CHEAT, before="\n/// A constraint without one of the tests above"),
    Step(
        "10 gate",
        "docs/soundness.md",
        "| **G-MAGNITUDE** magnitude | `p n = 0` | `p, n >= 0` by range checks |\n",
        before="| **G-MUL** mul |",
    ),
    Step(
        "11 widths",
        f"{CIRCUITS}/assurance/families.rs",
        "        GadgetType::Magnitude => limbs(b).map(|limbs| single(zkml_core::ops::Magnitude { limbs }.into())).collect(),\n",
        before="        GadgetType::Mul => products(b)",
    ),
    Step(
        "11 executor",
        f"{CIRCUITS}/assurance/exhaustive/reference.rs",
        "        Gadget::Magnitude(op) => vec![Reference::plain(*op)],\n",
        before="        Gadget::Mul(op) =>",
    ),
    Step(
        "11 proof",
        f"{CIRCUITS}/assurance/smt/goal.rs",
        "        GadgetType::Magnitude => Method::Solver(Ends::Zero, Multiplication::Exact),\n",
        before="        GadgetType::ArgMax => Method::Groups,",
    ),
    Step(
        "11 result",
        f"{CIRCUITS}/assurance/smt/spec.rs",
        '        Gadget::Magnitude(_) => format!("(= {result} (abs {}))", operands[0]),\n',
        before="        Gadget::Mul(mul) =>",
    ),
]


class Omission:
    """A step that is left out, or a text that is taken away from what is there, and what must say so."""

    def __init__(self, name, command, message, without=(), edits=()):
        self.name, self.command, self.message = name, command, message
        self.without, self.edits = without, edits


def cargo(*words):
    return ["cargo", *words]


CHECK_CORE = cargo("clippy", "-p", "zkml-core", "--all-features", "--", "-D", "warnings")
CHECK_CIRCUITS = cargo("check", "-p", "zkml-circuits", "--lib")
OPERATORS = cargo("test", "-p", "zkml-core", "--test", "operators")
SOUNDNESS = cargo("test", "-p", "zkml-circuits", "--lib", "soundness::")
ASSURANCE = cargo("test", "-p", "zkml-circuits", "--lib", "assurance::")
GATES = cargo("test", "-p", "zkml-circuits", "--test", "gates")
ACCURACY = cargo("test", "-p", "zkml-core", "--test", "op_models", "--", "integer_models")

OMISSIONS = [
    Omission("importer's line", CHECK_CORE, "constant `OPERATORS` is never used", without=["1 line"]),
    Omission("importer's line, model", ACCURACY, "Magnitude", without=["1 line"]),
    Omission("model", OPERATORS, 'has a node of ["Magnitude"]', without=["2 model", "2 samples"]),
    Omission("operator's documentation", OPERATORS, "does not list the operators of the registry"),
    Omission("float shape", CHECK_CORE, "FloatOp::Magnitude` not covered", without=["3 shape"]),
    Omission("lowering's line", CHECK_CORE, "FloatOp::Magnitude` not covered", without=["4 line"]),
    Omission(
        "method of an operation",
        CHECK_CORE,
        "missing: `steps`",
        edits=[(f"{CORE}/ops/magnitude.rs", "    fn steps(&self, _: &[&[usize]]) -> usize {\n        1\n    }\n", "")],
    ),
    Omission("operation in the list", CHECK_CORE, "no variant or associated item named `Magnitude`", without=["6 list"]),
    Omission("placement", CHECK_CIRCUITS, "`&Op::Magnitude(_)` not covered", without=["9 placement"]),
    Omission("gadget in the list", CHECK_CIRCUITS, "Gadget: From<zkml_core::ops::Magnitude>` is not satisfied", without=["8 list"]),
    Omission("sample", SOUNDNESS, "with the gadget Magnitude, found none", without=["10 list of samples"]),
    Omission("cheat", SOUNDNESS, 'a test in this file that breaks "a value is not positive and negative"', without=["10 cheat"]),
    Omission("place among the checks", ASSURANCE, "GadgetType::Magnitude` not covered", without=["11 proof"]),
    Omission("gate", GATES, "every_gate_is_documented_and_cited ... FAILED", without=["10 gate"]),
    Omission(
        "method of a backend",
        cargo("check", "-p", "zkml-kernels"),
        "not all trait items implemented",
        edits=[("kernels/src/cpu/mod.rs", "    fn name(&self) -> String {", "    #[cfg(any())]\n    fn name(&self) -> String {")],
    ),
    Omission(
        "command in the enumeration",
        cargo("check", "-p", "zkml-cli"),
        "no variant or associated item named `Doctor`",
        edits=[("cli/src/commands/mod.rs", "    Doctor(doctor::DoctorArgs),\n", "")],
    ),
    Omission(
        "command in the match",
        cargo("check", "-p", "zkml-cli"),
        "Command::Doctor(_)` not covered",
        edits=[("cli/src/commands/mod.rs", "        Command::Doctor(args) => doctor::run(args, session),\n", "")],
    ),
    Omission(
        "help of a command",
        cargo("test", "-p", "zkml-cli", "--test", "cmd"),
        "help.trycmd",
        edits=[
            (
                "cli/src/commands/doctor.rs",
                "#[derive(Args, Debug)]\npub struct DoctorArgs",
                '#[derive(Args, Debug)]\n#[command(after_help = "Forgotten.")]\npub struct DoctorArgs',
            )
        ],
    ),
    Omission(
        "migration in the list",
        cargo("test", "-p", "zkml-network", "--all-features", "--lib", "queue"),
        "FAILED",
        edits=[
            ("network/src/queue/schema.rs", '        (2, "name", include_str!("../../migrations/2_name.sql")),\n', ""),
            ("network/src/queue/schema.rs", "let files = [", "let files: Vec<(i64, &'static str, &'static str)> = vec!["),
        ],
    ),
    Omission(
        "version of a format",
        cargo("test", "-p", "zkml-network", "--all-features", "--test", "golden"),
        "FAILED",
        edits=[("src/artifact/kind.rs", "Self::VerifyingKey => 3", "Self::VerifyingKey => 4")],
    ),
]


def copy():
    """The tracked files, and new ones; files that are the same keep their time, so that cargo builds the rest again."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    for path in [path for path in COPY.rglob("*") if path.is_file()] if COPY.is_dir() else []:
        if str(path.relative_to(COPY)) not in wanted:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    for name in wanted:
        source, target = ROOT / name, COPY / name
        content = source.read_bytes()
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for link in ("shared",):
        if (ROOT.parent / link).is_dir() and not (COPY.parent / link).exists():
            (COPY.parent / link).symlink_to(ROOT.parent / link)


def run(command):
    environment = dict(os.environ, CARGO_TERM_COLOR="never", ZKML_WRITE="0")
    environment.setdefault("CARGO_TARGET_DIR", str(ROOT / "target"))
    done = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def prepare(without=(), edits=(), documented=False):
    copy()
    unknown = set(without) - {step.name for step in STEPS}
    if unknown:
        sys.exit(f"no steps are named {sorted(unknown)}; mend scripts/guide.py")
    for step in STEPS:
        if step.name not in without:
            step.apply()
    for path, old, new in edits:
        text = (COPY / path).read_text()
        if text.count(old) != 1:
            sys.exit(f"{path}: expected the text {old!r} once, found it {text.count(old)} times; mend scripts/guide.py")
        (COPY / path).write_text(text.replace(old, new))


def report(name, good, seconds, output):
    print(f"{'ok  ' if good else 'FAIL'} {name} ({seconds:.0f} s)", flush=True)
    if not good:
        print("\n".join(output.splitlines()[-60:]), flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="TEXT", help="only what has this in its name")
    only = parser.parse_args().only
    failed = 0
    if only in "the guide":
        prepare()
        environment = dict(os.environ, ZKML_WRITE="1")
        environment.setdefault("CARGO_TARGET_DIR", str(ROOT / "target"))
        subprocess.run(OPERATORS, cwd=COPY, env=environment, capture_output=True)
        for command in (OPERATORS, ACCURACY, SOUNDNESS, ASSURANCE, GATES):
            start = time.monotonic()
            code, output = run(command)
            failed += not report("the guide: " + " ".join(command), code == 0, time.monotonic() - start, output)
    for omission in OMISSIONS:
        if only and only not in omission.name:
            continue
        prepare(omission.without, omission.edits)
        start = time.monotonic()
        code, output = run(omission.command)
        good = code != 0 and omission.message in output
        failed += not report(f"left out: {omission.name}", good, time.monotonic() - start, output)
    shutil.rmtree(COPY, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
