#!/usr/bin/env python3
"""EZKL's contract for a model: its Solidity source, and the calldata of a call with a proof.

    python3 benches/ezkl_contract.py --model network.onnx --input input.json --work target/ezkl-contract

Needs what `beside_ezkl.py` needs, and uses the same EZKL. Writes Verifier.sol and calldata.bin into the
folder. EZKL's call writes the source before it looks for a compiler: that there is none is no fault.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import beside_ezkl


def write(model, data, folder):
    """Runs in the virtual environment."""
    import asyncio
    import inspect

    import ezkl

    def path(name):
        return str(folder / name)

    async def call(function, *arguments):
        result = function(*arguments)
        return await result if inspect.isawaitable(result) else result

    async def steps():
        args = ezkl.PyRunArgs()
        args.input_visibility, args.param_visibility, args.output_visibility = "private", "private", "public"
        await call(ezkl.gen_settings, str(model), path("settings.json"), args)
        await call(ezkl.calibrate_settings, str(data), str(model), path("settings.json"), "resources")
        await call(ezkl.compile_circuit, str(model), path("model.ezkl"), path("settings.json"))
        rows = json.loads(pathlib.Path(path("settings.json")).read_text())["run_args"]["logrows"]
        await call(ezkl.gen_srs, path("kzg.srs"), rows)
        await call(ezkl.gen_witness, str(data), path("model.ezkl"), path("witness.json"))
        await call(ezkl.setup, path("model.ezkl"), path("ezkl.vk"), path("ezkl.pk"), path("kzg.srs"))
        proving = ("witness.json", "model.ezkl", "ezkl.pk", "proof.json", "kzg.srs")
        await call(ezkl.prove, *map(path, proving))
        await call(ezkl.encode_evm_calldata, path("proof.json"), path("calldata.bin"))
        contract = ("ezkl.vk", "settings.json", "Verifier.sol", "Verifier.abi", "kzg.srs")
        try:
            await call(ezkl.create_evm_verifier, *map(path, contract), False)
        except RuntimeError as error:
            print(f"EZKL: {error}")

    asyncio.run(steps())


def main():
    root = beside_ezkl.ROOT / "target"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="the ONNX file")
    parser.add_argument("--input", type=pathlib.Path, required=True, help="its input in EZKL's format")
    parser.add_argument("--work", type=pathlib.Path, default=root / "ezkl-contract", help="folder for files")
    parser.add_argument("--venv", type=pathlib.Path, default=root / "ezkl-venv", help="folder for EZKL")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        write(args.model, args.input, args.work)
        # EZKL's threads outlive the interpreter, which aborts when they return to it: end without waiting for them.
        sys.stdout.flush()
        os._exit(0)
    args.work.mkdir(parents=True, exist_ok=True)
    python = beside_ezkl.environment(args.venv)
    words = ["--model", args.model, "--input", args.input, "--work", args.work, "--inside"]
    subprocess.run([python, __file__, *words], check=True)
    for name in ("Verifier.sol", "calldata.bin"):
        print(args.work / name)
    return None


if __name__ == "__main__":
    main()
