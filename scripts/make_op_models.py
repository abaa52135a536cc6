#!/usr/bin/env python3
"""Writes tests/models/<name>/{network.onnx,data.json}: small ONNX models for every operator.

Needs onnx, numpy and onnxruntime, which computes the expected outputs:

    python3 -m venv venv && venv/bin/pip install onnx numpy onnxruntime
    venv/bin/python scripts/make_op_models.py
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "models"
SAMPLES = 4


class Drawn:
    """An array that a model draws from its own generator, so that models do not depend on each other."""

    def __init__(self, draw):
        self.draw = draw

    def map(self, f):
        return Drawn(lambda rng: f(self.draw(rng)))


def weights(*shape, scale=None):
    scale = scale or 1.0 / np.sqrt(max(1, np.prod(shape[1:])))
    return Drawn(lambda rng: (rng.standard_normal(shape) * scale).astype(np.float32))


def ints(*values):
    return np.array(values, dtype=np.int64)


class Model:
    """A graph under construction: nodes read and write tensors by name."""

    def __init__(self, name, opset=13):
        self.name, self.opset = name, opset
        self.rng = np.random.default_rng([2026, *name.encode()])
        self.nodes, self.inputs, self.outputs, self.constants = [], [], [], []

    def input(self, *shape, symbolic=()):
        name = f"x{len(self.inputs)}"
        self.inputs.append((name, list(shape), symbolic))
        return name

    def constant(self, value):
        name = f"c{len(self.constants)}"
        value = value.draw(self.rng) if isinstance(value, Drawn) else value
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def op(self, op, *inputs, outputs=1, **attributes):
        names = [i if isinstance(i, str) else self.constant(i) for i in inputs]
        results = [f"t{len(self.nodes)}" + "_" * i for i in range(outputs)]
        self.nodes.append(helper.make_node(op, names, results, name=f"{op}_{len(self.nodes)}", **attributes))
        return results[0] if outputs == 1 else results

    def output(self, *names):
        self.outputs.extend(names)
        return self

    def save(self, draw=None, refuses=False):
        """`refuses` says that the function is undefined at some arguments that quantised inputs can reach."""
        draw = draw or (lambda rng, shape: rng.standard_normal(shape))
        inputs = [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, [s if i not in symbolic else f"batch_{name}" for i, s in enumerate(shape)]
            )
            for name, shape, symbolic in self.inputs
        ]
        integer = {node.output[0] for node in self.nodes if node.op_type in ("ArgMax", "ArgMin")}
        outputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64 if name in integer else TensorProto.FLOAT, None)
            for name in self.outputs
        ]
        graph = helper.make_graph(self.nodes, self.name, inputs, outputs, self.constants)
        sets = [helper.make_opsetid("", self.opset)]
        sets += [helper.make_opsetid(domain, 1) for domain in sorted({node.domain for node in self.nodes} - {""})]
        model = helper.make_model(graph, opset_imports=sets)
        model.ir_version = 7
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        samples = []
        for _ in range(SAMPLES):
            values = [np.round(draw(self.rng, shape), 3).astype(np.float32) for _, shape, _ in self.inputs]
            results = session.run(None, dict(zip([name for name, _, _ in self.inputs], values)))
            samples.append((values, results))
        folder = FOLDER / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "network.onnx").write_bytes(model.SerializeToString())
        flat = lambda array: [float(f"{x:.6g}") for x in np.asarray(array).ravel()]
        data = {
            "input_shapes": [list(value.shape) for value in samples[0][0]],
            "output_shapes": [list(np.asarray(result).shape) for result in samples[0][1]],
            # One list for each sample and tensor.
            "inputs": [[flat(value) for value in values] for values, _ in samples],
            "outputs": [[flat(result) for result in results] for _, results in samples],
        }
        if refuses:
            data["refuses"] = True
        (folder / "data.json").write_text(json.dumps(data, separators=(",", ":")) + "\n")


def single(name, shape, op, *inputs, opset=13, draw=None, refuses=False, **attributes):
    """A model of one operator on one input; other inputs are constants."""
    model = Model(name, opset)
    x = model.input(*shape)
    model.output(model.op(op, x, *inputs, **attributes)).save(draw, refuses)


def positive(rng, shape):
    """Numbers from 1/4 on, mostly below 4."""
    return 0.25 + np.abs(rng.standard_normal(shape))


def away_from_zero(rng, shape):
    """Numbers of both signs, 1/4 or more from 0."""
    return np.copysign(positive(rng, shape), rng.standard_normal(shape))


def products():
    single("gemm", (2, 5), "Gemm", weights(5, 4), weights(4))
    single("gemm_transposed", (5, 2), "Gemm", weights(4, 5), weights(4), transA=1, transB=1, alpha=0.5, beta=2.0)
    single("gemm_without_bias", (2, 5), "Gemm", weights(5, 4))
    single("matmul_vector", (3, 4), "MatMul", weights(4))
    single("matmul_batch", (2, 3, 4), "MatMul", weights(4, 5))
    single("matmul_batched_weights", (2, 3, 4), "MatMul", weights(2, 4, 5))
    model = Model("matmul_left_constant")
    model.output(model.op("MatMul", weights(3, 4), model.input(4, 2))).save()
    model = Model("matmul_dynamic")
    model.output(model.op("MatMul", model.input(2, 3, 4), model.input(2, 4, 2))).save()
    model = Model("matmul_dynamic_broadcast")
    model.output(model.op("MatMul", model.input(1, 3, 4), model.input(2, 4, 2))).save()


def convolutions():
    single("conv", (1, 2, 6, 6), "Conv", weights(3, 2, 3, 3), weights(3), pads=[1, 1, 1, 1])
    single("conv_stride", (1, 2, 7, 6), "Conv", weights(3, 2, 3, 2), strides=[2, 1], pads=[0, 1, 1, 0])
    single("conv_dilation", (1, 1, 8, 8), "Conv", weights(2, 1, 3, 3), weights(2), dilations=[2, 3])
    single("conv_groups", (1, 4, 5, 5), "Conv", weights(6, 2, 3, 3), weights(6), group=2)
    single("conv_depthwise", (1, 3, 5, 5), "Conv", weights(3, 1, 3, 3), group=3, pads=[1, 1, 1, 1])
    single("conv_same_upper", (1, 1, 6, 5), "Conv", weights(2, 1, 2, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    single("conv_same_lower", (1, 1, 6, 5), "Conv", weights(2, 1, 2, 3), auto_pad="SAME_LOWER")
    single("conv_1d", (2, 3, 9), "Conv", weights(4, 3, 3), weights(4), strides=[2], pads=[1, 0], dilations=[2])
    channels = np.array([1, 0.05, 8], dtype=np.float32).reshape(3, 1, 1, 1)
    spread = weights(3, 2, 3, 3).map(lambda w: w * channels)
    single("conv_uneven_channels", (1, 2, 6, 6), "Conv", spread, weights(3))


def normalisation():
    factors = lambda c: weights(c).map(lambda w: w + 1)
    statistics = lambda c: (factors(c), weights(c), weights(c), weights(c, scale=1).map(lambda w: np.abs(w) + 0.3))
    single("batch_norm", (1, 3, 4, 4), "BatchNormalization", *statistics(3), epsilon=1e-4)
    single("batch_norm_rank_2", (2, 5), "BatchNormalization", *statistics(5))
    single("batch_norm_rank_3", (1, 3, 6), "BatchNormalization", *statistics(3))
    model = Model("batch_norm_folded")
    x = model.op("Conv", model.input(1, 2, 6, 6), weights(4, 2, 3, 3), weights(4))
    model.output(model.op("Relu", model.op("BatchNormalization", x, *statistics(4)))).save()
    model = Model("batch_norm_after_gemm")
    x = model.op("Gemm", model.input(2, 6), weights(6, 4), weights(4))
    model.output(model.op("BatchNormalization", x, *statistics(4))).save()

    layer_norm = lambda name, shape, *inputs, **attributes: single(
        name, shape, "LayerNormalization", *inputs, opset=17, **attributes
    )
    layer_norm("layer_norm", (3, 8), factors(8), weights(8))
    layer_norm("layer_norm_without_bias", (2, 6), factors(6), epsilon=1e-2)
    layer_norm("layer_norm_number", (3, 4, 4), np.ones(4, dtype=np.float32), axis=2, stash_type=1)
    layer_norm("layer_norm_two_axes", (2, 3, 5), factors(15).map(lambda w: w.reshape(3, 5)), weights(3, 5), axis=1)
    layer_norm("layer_norm_all_axes", (2, 3, 2), factors(12).map(lambda w: w.reshape(2, 3, 2)), axis=-3)
    rows = np.array([0.2, 1, 8]).reshape(3, 1)
    layer_norm("layer_norm_uneven_rows", (3, 8), factors(8), draw=lambda rng, shape: rows * rng.standard_normal(shape))
    model = Model("layer_norm_statistics", opset=17)
    x = model.op("Add", model.input(2, 3, 6), weights(6, scale=2))
    model.output(*model.op("LayerNormalization", x, factors(6), weights(6), outputs=3, axis=-1)).save()


    single("rms_norm", (3, 8), "RMSNormalization", factors(8), opset=23)
    single("rms_norm_axis", (2, 3, 4), "RMSNormalization", factors(12).map(lambda w: w.reshape(3, 4)), opset=23,
           axis=1, epsilon=1e-3, stash_type=1)
    single("instance_norm", (2, 3, 4, 4), "InstanceNormalization", factors(3), weights(3))
    single("instance_norm_rank_3", (1, 2, 8), "InstanceNormalization", factors(2), weights(2), epsilon=1e-3)
    single("group_norm_groups", (2, 4, 3, 2), "GroupNormalization", factors(2), weights(2), opset=18, num_groups=2)
    single("group_norm_channels", (1, 4, 3, 3), "GroupNormalization", factors(4), weights(4), opset=21, num_groups=2)
    single("lp_norm", (3, 5), "LpNormalization", axis=1, refuses=True)
    single("lp_norm_first_axis", (3, 4), "LpNormalization", axis=0, p=2, refuses=True)
    single("lrn", (2, 5, 3, 3), "LRN", size=3, alpha=1.0)
    single("lrn_exponent", (1, 4, 2, 2), "LRN", size=5, alpha=0.5, beta=0.6, bias=2.0)
    single("mean_variance_norm", (2, 3, 4, 2), "MeanVarianceNormalization")
    single("mean_variance_norm_axes", (2, 8), "MeanVarianceNormalization", axes=[1])


def rectified():
    wide = lambda rng, shape: 3 * rng.standard_normal(shape)
    single("abs", (2, 6), "Abs")
    single("celu", (2, 6), "Celu")
    single("celu_alpha", (2, 6), "Celu", alpha=0.5)
    single("elu", (2, 6), "Elu", draw=wide)
    single("elu_alpha", (2, 6), "Elu", alpha=2.0)
    single("hard_sigmoid", (2, 6), "HardSigmoid", draw=wide)
    single("hard_sigmoid_slope", (2, 6), "HardSigmoid", alpha=0.5, beta=0.6)
    single("prelu", (2, 3, 4), "PRelu", weights(3, 1, scale=1))
    single("prelu_number", (2, 3), "PRelu", np.float32([0.25]))
    model = Model("prelu_dynamic")
    model.output(model.op("PRelu", model.input(2, 5), model.input(5))).save()
    single("selu", (2, 6), "Selu")
    single("selu_attributes", (2, 6), "Selu", alpha=1.5, gamma=0.7)
    single("shrink", (2, 6), "Shrink", lambd=0.5, bias=0.5)
    single("thresholded_relu", (2, 6), "ThresholdedRelu", alpha=0.0)


def functions():
    wide = lambda rng, shape: 3 * rng.standard_normal(shape)
    single("asinh", (2, 6), "Asinh", draw=wide)
    single("atan", (2, 6), "Atan", draw=wide)
    single("cos", (2, 6), "Cos", draw=wide)
    single("cosh", (2, 6), "Cosh")
    single("erf", (2, 6), "Erf")
    single("gelu", (2, 6), "Gelu", opset=20)
    single("gelu_tanh", (2, 6), "Gelu", opset=20, approximate="tanh", draw=wide)
    single("log", (2, 6), "Log", draw=positive, refuses=True)
    model = Model("log_of_sum")
    model.output(model.op("Log", model.op("Add", model.op("Exp", model.input(2, 5)), np.float32(0.5)))).save()
    single("mish", (2, 6), "Mish", opset=18, draw=wide)
    single("sin", (2, 6), "Sin", draw=wide)
    single("sinh", (2, 6), "Sinh")
    single("softplus", (2, 6), "Softplus", draw=wide)
    single("softsign", (2, 6), "Softsign", draw=wide)
    single("swish", (2, 6), "Swish", opset=24, draw=wide)
    single("swish_slope", (2, 6), "Swish", opset=24, alpha=1.702)
    microsoft = {"domain": "com.microsoft"}
    single("microsoft_bias_gelu", (2, 6), "BiasGelu", weights(6), **microsoft)
    single("microsoft_fast_gelu", (2, 6), "FastGelu", **microsoft)
    single("microsoft_fast_gelu_bias", (2, 6), "FastGelu", weights(6), **microsoft)
    single("microsoft_gelu", (2, 6), "Gelu", **microsoft)
    single("microsoft_quick_gelu", (2, 6), "QuickGelu", **microsoft)
    single("microsoft_quick_gelu_slope", (2, 6), "QuickGelu", alpha=0.8, **microsoft)
    single("log_softmax", (2, 6), "LogSoftmax")
    single("log_softmax_axis", (2, 4, 3), "LogSoftmax", axis=1)
    single("log_softmax_flattened", (2, 4, 3), "LogSoftmax", opset=11, axis=1)


def powers():
    single("reciprocal", (2, 6), "Reciprocal", draw=away_from_zero, refuses=True)
    model = Model("reciprocal_of_sum")
    model.output(model.op("Reciprocal", model.op("Add", model.op("Exp", model.input(2, 5)), np.float32(0.5)))).save()
    model = Model("div")
    model.output(model.op("Div", model.input(2, 5), model.input(5))).save(away_from_zero, refuses=True)
    model = Model("div_by_sum")
    x = model.input(2, 5)
    total = model.op("ReduceSum", model.op("Exp", x), ints(1))
    model.output(model.op("Div", x, model.op("Add", total, np.float32(1)))).save()
    for name, exponent in [("one", 1), ("two", 2), ("three", 3), ("minus_one", -1)]:
        single(f"pow_{name}", (2, 5), "Pow", np.float32(exponent), draw=away_from_zero, refuses=exponent < 0)
    for name, exponent in [("half", 0.5), ("minus_half", -0.5), ("three_halves", 1.5), ("third", 1 / 3)]:
        single(f"pow_{name}", (2, 5), "Pow", np.float32(exponent), draw=positive, refuses=True)
    single("pow_widens", (3, 1), "Pow", np.full((2, 1, 2), 2, dtype=np.float32))
    model = Model("pow_of_number")
    model.output(model.op("Pow", np.float32(2), model.input(2, 5))).save()


def activations():
    single("relu", (2, 6), "Relu")
    single("leaky_relu", (2, 6), "LeakyRelu", alpha=0.2)
    single("clip_attributes", (2, 6), "Clip", opset=9, min=-0.5, max=1.0)
    single("clip_inputs", (2, 6), "Clip", np.float32(0), np.float32(1.5))
    single("clip_upper_only", (2, 6), "Clip", "", np.float32(0.5))
    single("sigmoid", (2, 6), "Sigmoid")
    single("sigmoid_wide", (2, 6), "Sigmoid", draw=lambda rng, shape: 100 * rng.standard_normal(shape))
    single("tanh", (2, 6), "Tanh")
    single("exp", (2, 6), "Exp")
    model = Model("sqrt")
    model.output(model.op("Sqrt", model.op("Relu", model.input(2, 6)))).save()
    model = Model("sqrt_of_squares")
    x = model.input(2, 3, 4)
    squares = model.op("ReduceMean", model.op("Mul", x, x), axes=[2], keepdims=1)
    model.output(model.op("Sqrt", model.op("Add", squares, np.float32(1e-3)))).save()
    model = Model("sqrt_of_product")
    x = model.op("MatMul", model.op("Sigmoid", model.input(2, 5)), weights(5, 4).map(np.abs))
    model.output(model.op("Sqrt", x)).save()
    single("hard_swish", (2, 6), "HardSwish", opset=14, draw=lambda rng, shape: 4 * rng.standard_normal(shape))
    single("hard_swish_narrow", (3, 4), "HardSwish", opset=14)
    model = Model("hard_swish_after_conv", opset=14)
    x = model.op("Conv", model.input(1, 2, 6, 6), weights(4, 2, 3, 3, scale=1), weights(4))
    model.output(model.op("HardSwish", x)).save()
    single("softmax", (2, 6), "Softmax")
    single("softmax_axis", (2, 4, 3), "Softmax", axis=1)
    single("softmax_flattened", (2, 4, 3), "Softmax", opset=11, axis=1)
    single("softmax_large", (2, 6), "Softmax", draw=lambda rng, shape: 10 * rng.standard_normal(shape))


def pooling():
    single("max_pool", (1, 2, 6, 6), "MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    single("max_pool_overlapping", (1, 2, 6, 6), "MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    single("max_pool_ceil", (1, 1, 6, 7), "MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    single("max_pool_dilated", (1, 1, 7, 7), "MaxPool", kernel_shape=[2, 2], strides=[3, 3], dilations=[2, 2])
    single("max_pool_1d", (1, 2, 8), "MaxPool", kernel_shape=[2], strides=[2])
    single("average_pool", (1, 2, 6, 6), "AveragePool", kernel_shape=[2, 2], strides=[2, 2])
    single("average_pool_pads", (1, 2, 5, 5), "AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    single("average_pool_include_pad", (1, 1, 5, 5), "AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1],
           count_include_pad=1)
    single("average_pool_ceil", (1, 1, 6, 6), "AveragePool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    single("average_pool_1d", (1, 2, 9), "AveragePool", kernel_shape=[3], strides=[3])
    single("global_average_pool", (1, 3, 5, 5), "GlobalAveragePool")
    single("global_max_pool", (1, 3, 5, 5), "GlobalMaxPool")


def arithmetic():
    model = Model("add_sub_mul_neg")
    a, b = model.input(2, 3, 4), model.input(3, 1)
    total = model.op("Add", a, b)
    difference = model.op("Sub", b, a)
    product = model.op("Mul", total, difference)
    model.output(total, model.op("Neg", product)).save()
    model = Model("constant_arithmetic")
    x = model.op("Mul", model.input(2, 4), np.float32(0.3))
    x = model.op("Sub", np.float32(1), x)
    x = model.op("Add", x, weights(4))
    x = model.op("Div", x, np.float32(4))
    model.output(model.op("Mul", x, weights(2, 4, scale=1))).save()
    single("add_widens", (3, 1), "Add", weights(2, 1, 4, scale=1))
    single("mul_channels", (1, 3, 4, 4), "Mul", weights(3, 1, 1, scale=1))
    model = Model("square")
    x = model.input(2, 5)
    model.output(model.op("Mul", x, x)).save()


    for name in ["Max", "Min", "Sum", "Mean"]:
        model = Model(f"{name.lower()}_of_three")
        model.output(model.op(name, model.input(2, 3, 4), model.input(3, 1), model.input(4))).save()
    single("max_with_constant", (2, 5), "Max", weights(5, scale=1))
    single("min_of_one", (2, 5), "Min")


def reductions():
    single("reduce_sum", (2, 3, 4), "ReduceSum", ints(1), keepdims=0)
    single("reduce_sum_all", (2, 3), "ReduceSum")
    single("reduce_sum_attribute", (2, 3, 4), "ReduceSum", opset=11, axes=[-1, 0])
    single("reduce_mean", (2, 3, 4), "ReduceMean", axes=[1], keepdims=1)
    single("reduce_mean_input", (2, 3, 4), "ReduceMean", ints(-1), opset=18, keepdims=0)
    single("arg_max", (2, 5), "ArgMax", axis=1)
    single("arg_max_squeezed", (2, 3, 4), "ArgMax", axis=-2, keepdims=0)
    single("arg_min", (2, 5), "ArgMin", axis=1)
    single("arg_min_squeezed", (2, 3, 4), "ArgMin", axis=-2, keepdims=0)
    for name in ["L1", "L2", "LogSumExp", "Max", "Min", "SumSquare"]:
        file = f"reduce_{name.lower()}"
        single(file, (2, 3, 4), f"Reduce{name}", axes=[1], keepdims=0)
        single(f"{file}_input", (2, 3, 4), f"Reduce{name}", ints(0, -1), opset=18)
        single(f"{file}_all", (2, 3), f"Reduce{name}")
    single("reduce_log_sum", (2, 3, 4), "ReduceLogSum", axes=[2], draw=positive, refuses=True)
    single("reduce_log_sum_input", (2, 3, 4), "ReduceLogSum", ints(0), opset=18, keepdims=0, draw=positive,
           refuses=True)
    single("reduce_prod", (2, 3, 4), "ReduceProd", axes=[1], keepdims=0)
    single("reduce_prod_input", (2, 3, 2), "ReduceProd", ints(1, 2), opset=18)


def shapes():
    single("flatten", (2, 3, 4), "Flatten", axis=2)
    single("reshape", (2, 3, 4), "Reshape", ints(0, -1, 2))
    single("transpose", (2, 3, 4), "Transpose", perm=[2, 0, 1])
    single("transpose_default", (2, 3), "Transpose")
    single("squeeze_attribute", (2, 1, 3), "Squeeze", opset=11, axes=[1])
    single("squeeze_all", (1, 2, 1), "Squeeze")
    single("unsqueeze", (2, 3), "Unsqueeze", ints(-1, 0))
    single("slice_attributes", (4, 5), "Slice", opset=9, starts=[1, -3], ends=[3, 1000], axes=[0, 1])
    single("slice_steps", (4, 5), "Slice", ints(-1, 0), ints(-1000, 5), ints(0, 1), ints(-2, 2))
    single("pad_attributes", (1, 2, 3), "Pad", opset=9, pads=[0, 1, 0, 0, 0, 2], value=0.25)
    single("pad_inputs", (2, 3), "Pad", ints(1, 0, 0, 2), np.float32(-1.5))
    single("gather", (4, 3), "Gather", ints(2, 0, -1), axis=0)
    single("gather_scalar", (2, 4, 3), "Gather", np.array(1, dtype=np.int64), axis=1)
    single("expand", (3, 1), "Expand", ints(2, 1, 4))
    model = Model("constant")
    x = model.op("Add", model.input(2, 3), model.op("Constant", value_floats=[0.5, -1.0, 2.0]))
    x = model.op("Mul", x, model.op("Constant", value_float=-0.75))
    x = model.op("Add", x, model.op("Constant", value=numpy_helper.from_array(np.float32([[0.25], [1.5]]))))
    target = model.op("Constant", value_ints=[3, -1])
    x = model.op("Reshape", x, target)
    model.output(model.op("Gather", x, model.op("Constant", value_int=1))).save()
    model = Model("constant_of_shape")
    three = numpy_helper.from_array(np.float32([3]))
    x = model.op("Mul", model.input(2, 3), model.op("ConstantOfShape", ints(2, 1), value=three))
    model.output(model.op("Sub", x, model.op("ConstantOfShape", ints(3)))).save()
    single("identity", (2, 3), "Identity")
    single("dropout", (2, 3), "Dropout")
    model = Model("concat")
    a, b = model.input(2, 3), model.input(2, 2)
    model.output(model.op("Concat", a, model.op("Mul", b, np.float32(0.01)), a, axis=-1)).save()


def networks():
    model = Model("net_reshape_chain")
    x = model.input(2, 3, 4, symbolic=(0,))
    batch = model.op("Gather", model.op("Shape", x), np.array(0, dtype=np.int64), axis=0)
    length = model.op("Mul", model.op("Cast", np.array(6.0, dtype=np.float32), to=7), np.array(2, dtype=np.int64))
    length = model.op("Div", model.op("Add", length, np.array(12, dtype=np.int64)), np.array(2, dtype=np.int64))
    target = model.op("Concat", model.op("Unsqueeze", batch, ints(0)), model.op("Unsqueeze", length, ints(0)), axis=0)
    x = model.op("Reshape", x, target)
    model.output(model.op("Gemm", x, weights(12, 3), weights(3))).save()

    model = Model("net_residual")
    x = model.op("Relu", model.op("Conv", model.input(1, 1, 8, 8), weights(3, 1, 3, 3), weights(3), pads=[1] * 4))
    y = model.op("Relu", model.op("Conv", x, weights(3, 3, 3, 3), weights(3), pads=[1] * 4))
    y = model.op("Conv", y, weights(3, 3, 3, 3), weights(3), pads=[1] * 4)
    skip = model.op("Conv", x, weights(3, 3, 1, 1))
    x = model.op("Relu", model.op("Add", y, skip))
    x = model.op("Add", model.op("Conv", x, weights(3, 3, 3, 3), pads=[1] * 4), x)
    x = model.op("Flatten", model.op("GlobalAveragePool", model.op("Relu", x)))
    model.output(model.op("Gemm", x, weights(3, 4), weights(4))).save()

    model = Model("net_attention")
    x = model.input(1, 4, 6)
    q, k, v = (model.op("MatMul", x, weights(6, 6)) for _ in range(3))
    heads = lambda t: model.op("Transpose", model.op("Reshape", t, ints(1, 4, 2, 3)), perm=[0, 2, 1, 3])
    scores = model.op("MatMul", heads(q), model.op("Transpose", heads(k), perm=[0, 1, 3, 2]))
    scores = model.op("Softmax", model.op("Div", scores, np.float32(3**0.5)), axis=-1)
    y = model.op("Transpose", model.op("MatMul", scores, heads(v)), perm=[0, 2, 1, 3])
    y = model.op("MatMul", model.op("Reshape", y, ints(1, 4, 6)), weights(6, 6))
    model.output(model.op("Add", x, y)).save()

    model = Model("net_two_inputs_two_outputs")
    a = model.op("Relu", model.op("Gemm", model.input(1, 4), weights(4, 5), weights(5)))
    b = model.op("Tanh", model.op("Gemm", model.input(1, 3), weights(3, 5), weights(5)))
    joined = model.op("Concat", a, b, axis=1)
    logits = model.op("Gemm", joined, weights(10, 3), weights(3))
    model.output(logits, model.op("ArgMax", logits, axis=1), model.op("Mul", a, b)).save()

    model = Model("net_relu6")
    x = model.op("Conv", model.input(1, 2, 6, 6), weights(4, 2, 3, 3, scale=2), weights(4))
    x = model.op("Clip", x, np.float32(0), np.float32(6))
    x = model.op("Clip", model.op("Conv", x, weights(4, 1, 3, 3), weights(4), group=4), np.float32(0), np.float32(6))
    model.output(model.op("Reshape", x, ints(1, -1))).save()

    model = Model("net_pool_before_relu")
    x = model.op("Conv", model.input(1, 1, 8, 8), weights(2, 1, 3, 3), weights(2), pads=[1] * 4)
    x = model.op("Relu", model.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]))
    x = model.op("MaxPool", model.op("Relu", x), kernel_shape=[3, 3], strides=[1, 1])
    model.output(model.op("Softmax", model.op("Flatten", x))).save()

    model = Model("net_conv_1d")
    x = model.op("LeakyRelu", model.op("Conv", model.input(1, 2, 12), weights(4, 2, 3), weights(4)), alpha=0.1)
    x = model.op("MaxPool", x, kernel_shape=[2], strides=[2])
    x = model.op("ReduceMean", model.op("Sigmoid", x), axes=[2], keepdims=0)
    model.output(model.op("Gemm", x, weights(4, 2), weights(2))).save()


if __name__ == "__main__":
    families = (
        products,
        convolutions,
        normalisation,
        activations,
        rectified,
        functions,
        powers,
        pooling,
        arithmetic,
        reductions,
        shapes,
        networks,
    )
    for family in families:
        family()
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    print(f"{len(files) // 2} models, {sum(file.stat().st_size for file in files)} bytes")
