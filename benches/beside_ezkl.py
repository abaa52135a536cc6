#!/usr/bin/env python3
"""EZKL and zkml side by side: keys, proof and verification of LeNet-5 on one digit.

    cargo build --release -p zkml-cli
    python3 benches/beside_ezkl.py --json target/ezkl/result.json

Needs Python 3.9 or newer; installs EZKL into target/ezkl-venv. Both prove the same model on the
same digit with a private input, private parameters and a public output, one after the other on
this machine. Each step runs in a process of its own, whose peak memory is what the operating
system counts. The time of EZKL's steps is that of the call, without the start of Python; the time of
zkml's steps is that of the whole process, the reading and checking of all files included, and the
median of several runs. EZKL's calibration is not counted, and neither is zkml's compilation.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time
import venv

EZKL = "ezkl==23.0.5"
ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL = ROOT / "assets" / "mnist_lenet5.onnx"
DIGITS = ROOT / "assets" / "mnist_digits.npz"
INDEX = 0
RUNS = 3
STEPS = ("prepare", "setup", "prove", "verify")


# ---- EZKL: these run in the virtual environment, one process each ----


def prepare(folder):
    """Everything up to the keys: input, settings, circuit, SRS, witness."""
    import ezkl
    import numpy

    image = numpy.load(DIGITS)["images"][INDEX].astype("float32") / 255
    data, settings = str(folder / "input.json"), str(folder / "settings.json")
    circuit, srs = str(folder / "model.ezkl"), str(folder / "kzg.srs")
    pathlib.Path(data).write_text(json.dumps({"input_data": [image.flatten().tolist()]}))
    args = ezkl.PyRunArgs()
    args.input_visibility, args.param_visibility, args.output_visibility = "private", "private", "public"
    assert ezkl.gen_settings(str(MODEL), settings, args)
    assert ezkl.calibrate_settings(data, str(MODEL), settings, "resources")
    assert ezkl.compile_circuit(str(MODEL), circuit, settings)
    ezkl.gen_srs(srs, json.loads(pathlib.Path(settings).read_text())["run_args"]["logrows"])
    ezkl.gen_witness(data, circuit, str(folder / "witness.json"))


def setup(folder):
    import ezkl

    files = [str(folder / name) for name in ("model.ezkl", "ezkl.vk", "ezkl.pk", "kzg.srs")]
    assert ezkl.setup(*files)


def prove(folder):
    import ezkl

    files = [str(folder / name) for name in ("witness.json", "model.ezkl", "ezkl.pk", "proof.json", "kzg.srs")]
    assert ezkl.prove(*files)


def verify(folder):
    import ezkl

    files = [str(folder / name) for name in ("proof.json", "settings.json", "ezkl.vk", "kzg.srs")]
    assert ezkl.verify(*files)


def step(name, folder):
    """Runs one step and prints how long its call took."""
    import ezkl  # noqa: F401, so that the import is not timed

    start = time.perf_counter()
    {"prepare": prepare, "setup": setup, "prove": prove, "verify": verify}[name](folder)
    print(f"seconds={time.perf_counter() - start}")


# ---- measuring ----


def run(command, env=None):
    """Runs a command; returns its standard output, wall time and peak memory in bytes."""
    start = time.perf_counter()
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True, env=env)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: expected exit code 0, found {child.returncode}\n{output}")
    unit = 1 if platform.system() == "Darwin" else 1024
    return output, seconds, usage.ru_maxrss * unit


def environment(folder):
    """Python with EZKL."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    have = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    if EZKL not in have.split():
        subprocess.run([python, "-m", "pip", "install", "--quiet", EZKL, "onnxruntime", "numpy"], check=True)
    return python


def measure_ezkl(python, folder):
    result = {"version": EZKL}
    for name in STEPS:
        print(f"EZKL: {name} ...", file=sys.stderr, flush=True)
        output, _, memory = run([python, __file__, "--step", name, "--work", folder])
        seconds = float(output.rsplit("seconds=", 1)[1].split()[0])
        result[name] = {"seconds": seconds, "memory": memory}
    settings = json.loads((folder / "settings.json").read_text())
    result["k"] = settings["run_args"]["logrows"]
    proof = json.loads((folder / "proof.json").read_text())
    result["proof_bytes"] = (len(proof["hex_proof"].removeprefix("0x"))) // 2
    return result


def measure_zkml(zkml, folder):
    env = dict(os.environ, ZKML_SRS_DIR=str(folder / "srs"))
    model = folder / "lenet5.zkml"

    def command(*words):
        output, seconds, memory = run([zkml, "--json", *words], env)
        return json.loads(output), seconds, memory

    print("zkml: compile ...", file=sys.stderr, flush=True)
    compiled, seconds, memory = command(
        "compile", MODEL, "--calibrate", f"{DIGITS}:images", "--pixel-scale", "1/255", "-o", model
    )
    result = {"k": compiled["circuit"]["k"], "prepare": {"seconds": seconds, "memory": memory}}
    command("srs", "new", "-k", result["k"])
    digit = ("--input", f"{DIGITS}:images[{INDEX}]", "--pixel-scale", "1/255")
    proof = folder / "lenet5.zkproof"
    words = {
        "setup": ("setup", model),
        "prove": ("prove", model, *digit, "-o", proof),
        "verify": ("verify", "--vk", folder / "lenet5.vk", proof),
    }
    for name in STEPS[1:]:
        print(f"zkml: {name}, {RUNS} times ...", file=sys.stderr, flush=True)
        runs = [command(*words[name]) for _ in range(RUNS)]
        result[name] = {
            "seconds": statistics.median(seconds for _, seconds, _ in runs),
            "memory": max(memory for _, _, memory in runs),
        }
        if name == "prove":
            result["proof_bytes"] = runs[0][0]["proof_bytes"]
    return result


def peak(side):
    """Peak memory of making keys and proving."""
    return max(side["setup"]["memory"], side["prove"]["memory"])


def table(result):
    """The rows (what, EZKL, zkml, ratio)."""
    ezkl, zkml, ratios = result["ezkl"], result["zkml"], result["ratios"]
    yield "", "EZKL", "zkml", "ratio"
    for name, label in (("setup", "keys"), ("prove", "prove"), ("verify", "verify")):
        seconds = [f"{side[name]['seconds']:.3f} s" for side in (ezkl, zkml)]
        yield label, *seconds, f"{ratios[label]:.1f}"
    yield "memory", f"{peak(ezkl) / 1e6:.0f} MB", f"{peak(zkml) / 1e6:.0f} MB", f"{ratios['memory']:.1f}"
    yield "proof", f"{ezkl['proof_bytes']} B", f"{zkml['proof_bytes']} B", f"{ratios['proof']:.2f}"
    yield "rows", f"2^{ezkl['k']}", f"2^{zkml['k']}", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zkml", type=pathlib.Path, default=ROOT / "target" / "release" / "zkml", help="the binary")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target" / "ezkl", help="folder for files")
    parser.add_argument("--venv", type=pathlib.Path, default=ROOT / "target" / "ezkl-venv", help="folder for EZKL")
    parser.add_argument("--json", type=pathlib.Path, help="also write the result to this file")
    parser.add_argument("--install", action="store_true", help="only install EZKL")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        return step(args.step, args.work)
    if args.install:
        environment(args.venv)
        return None
    if not args.zkml.is_file():
        sys.exit(f"{args.zkml}: expected the zkml binary; build it with `cargo build --release -p zkml-cli`")

    args.work.mkdir(parents=True, exist_ok=True)
    zkml = measure_zkml(args.zkml, args.work)
    ezkl = measure_ezkl(environment(args.venv), args.work)
    ratios = {
        label: ezkl[name]["seconds"] / zkml[name]["seconds"]
        for name, label in (("setup", "keys"), ("prove", "prove"), ("verify", "verify"))
    }
    ratios["memory"] = peak(ezkl) / peak(zkml)
    ratios["proof"] = ezkl["proof_bytes"] / zkml["proof_bytes"]
    machine = {"cores": os.cpu_count(), "cpu": platform.processor() or platform.machine()}
    result = {"machine": machine, "ezkl": ezkl, "zkml": zkml, "ratios": ratios}
    for what, a, b, ratio in table(result):
        print(f"{what:<8} {a:>12} {b:>12} {ratio:>8}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n")
    return None


if __name__ == "__main__":
    main()
