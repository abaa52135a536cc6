#!/usr/bin/env python3
"""Writes MLPs of about 50 thousand, 500 thousand and 4 million parameters as ONNX files,
and random inputs for them.

Each has 4 inputs, a layer onto `width` units, four layers of `width` by `width`, and a layer onto 3
outputs, with ReLU between them. The weights are random with a fixed seed and scaled so that
activations keep their size from layer to layer. Needs onnx and numpy:

    python3 -m venv target/models-venv && target/models-venv/bin/pip install onnx numpy
    target/models-venv/bin/python benches/make_mlps.py target/mlps
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUTS, OUTPUTS, INNER_LAYERS = 4, 3, 4
SAMPLES = 64
WIDTHS = {"mlp_50k": 110, "mlp_500k": 352, "mlp_4m": 1024}


def mlp(width):
    rng = np.random.default_rng(2026)
    sizes = [INPUTS] + [width] * (INNER_LAYERS + 1) + [OUTPUTS]
    nodes, constants, value = [], [], "input"
    for layer, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        last = layer == len(sizes) - 2
        weight = rng.standard_normal((fan_in, fan_out)) * np.sqrt((1.0 if last else 2.0) / fan_in)
        bias = rng.standard_normal(fan_out) * 0.05
        for name, data in ((f"w{layer}", weight), (f"b{layer}", bias)):
            constants.append(numpy_helper.from_array(data.astype(np.float32), name))
        output = "output" if last else f"h{layer}"
        nodes.append(helper.make_node("Gemm", [value, f"w{layer}", f"b{layer}"], [output]))
        value = output
        if not last:
            nodes.append(helper.make_node("Relu", [value], [f"r{layer}"]))
            value = f"r{layer}"
    graph = helper.make_graph(
        nodes,
        f"mlp_{width}",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, INPUTS])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, OUTPUTS])],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/mlps")
    folder.mkdir(parents=True, exist_ok=True)
    for name, width in WIDTHS.items():
        model = mlp(width)
        onnx.checker.check_model(model)
        onnx.save(model, folder / f"{name}.onnx")
        parameters = sum(int(np.prod(c.dims)) for c in model.graph.initializer)
        print(f"{folder / name}.onnx: {parameters} parameters")
    samples = np.random.default_rng(2027).standard_normal((SAMPLES, INPUTS))
    np.savez(folder / "mlp_inputs.npz", inputs=samples.astype(np.float32))


if __name__ == "__main__":
    main()
