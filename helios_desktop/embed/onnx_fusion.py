"""A tower as it was exported -> the same tower in fewer, larger nodes: quicker on a processor, in fp32 as in 8 bits.

Exporters write attention as some thirty nodes that mostly turn arrays round, a GELU as five, and the cutting of a picture into
patches as a convolution. They become ``MultiHeadAttention`` and ``Gelu`` (ONNX Runtime's own operators, documented in its
``ContribOperators.md``) and a matrix product, which can be had in 8 bits. Patterns are found by following values, not names,
so that graphs of any exporter may come; what is not recognised stays as it is. Nobody gets a graph that was not run beside the
one it came from, on other input than it was made with, and gave the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from helios_desktop.embed.onnx_attention import fuse_attentions
from helios_desktop.embed.onnx_graph import CONTRIB, Feeds, Graph, bytes_of, lacks_memory
from helios_desktop.embed.onnx_session import OnnxModel

LEAST_AGREEMENT = 0.99999
MOST_BYTES = 1_900_000_000
"""A graph has to fit into one protobuf message to be worked on."""
MEMORY_TIMES = 4.5
"""What the work takes at its peak, in lengths of the graph; measured 4.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """What became simpler: how many of each kind."""

    attentions: int
    gelus: int
    patches: int

    def __bool__(self) -> bool:
        return bool(self.attentions or self.gelus or self.patches)


def fuse(source: Path, target: Path, feeds: Callable[[int], Feeds]) -> Fusion:
    """Write the simpler form of ``source`` to ``target``; nothing is written where nothing was found or it says otherwise.

    ``feeds``: input for the graph with so many rows, other numbers at each call.
    """
    nothing = Fusion(attentions=0, gelus=0, patches=0)
    if bytes_of(source) > MOST_BYTES or lacks_memory(source, MEMORY_TIMES):
        return nothing
    try:
        graph = Graph(onnx.load(source))
        gelus = _fuse_gelus(graph)
        attentions = fuse_attentions(graph, feeds(3), target)
        patches = _fuse_patches(graph)
        found = Fusion(attentions=attentions, gelus=gelus, patches=patches)
        if found:
            graph.save(target, domains=(CONTRIB,))
            del graph  # large, and what follows needs room for two models
            if _agree(source, target, feeds(2)):
                return found
    except Exception:  # noqa: BLE001, S110 a graph of a kind that was not foreseen runs as it is
        pass
    target.unlink(missing_ok=True)
    return nothing


def _agree(source: Path, target: Path, feeds: Feeds) -> bool:
    rows = []
    for path in (source, target):
        model = OnnxModel(path, threads=1)
        rows.append(model.run(feeds)[0].astype(np.float64))
        model.close()
    if rows[0].shape != rows[1].shape:
        return False
    one, other = (np.linalg.norm(row, axis=-1) for row in rows)
    cosines = (rows[0] * rows[1]).sum(axis=-1) / (one * other)
    return bool((cosines >= LEAST_AGREEMENT).all() and np.allclose(one, other, rtol=1e-3))


# GELU


def _fuse_gelus(graph: Graph) -> int:
    """``x * 0.5 * (1 + erf(x / sqrt 2))``, in any order of its products."""
    found = 0
    for erf in [node for node in graph.nodes if node.op_type == "Erf"]:
        scaling = graph.producer(erf.input[0])
        one = graph.only_consumer(erf.output[0])
        if scaling is None or one is None or scaling.op_type not in {"Mul", "Div"} or one.op_type != "Add":
            continue
        x = next((name for name in scaling.input if graph.scalar(name) is None), None)
        if x is None or graph.scalar(graph.other_input(one, erf.output[0])) != 1.0:
            continue
        result = _times_half_x(graph, one.output[0], x)
        if result:
            graph.replace(result, [helper.make_node("Gelu", [x], [result], domain=CONTRIB)])
            found += 1
    return found


def _times_half_x(graph: Graph, name: str, x: str) -> str:
    """Follow products from ``name`` until both ``x`` and a half came in; return the name of the last, or nothing."""
    missing = {"x", "half"}
    while missing:
        node = graph.only_consumer(name)
        if node is None or node.op_type != "Mul":
            return ""
        factor = graph.other_input(node, name)
        halved = graph.producer(factor)
        if factor == x:
            missing.discard("x")
        elif graph.scalar(factor) == 0.5:
            missing.discard("half")
        elif halved is not None and halved.op_type == "Mul" and graph.scalar(graph.other_input(halved, x)) == 0.5:
            missing.clear()
        else:
            return ""
        name = node.output[0]
    return name


# Patches


def _fuse_patches(graph: Graph) -> int:
    """A convolution over squares that do not overlap is a matrix product over patches."""
    for node in [one for one in graph.nodes if one.op_type == "Conv"]:
        options = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        weight = graph.constants.get(node.input[1])
        shape = graph.input_shape(node.input[0])
        if weight is None or weight.ndim != 4 or shape is None or len(shape) != 4:
            continue
        out, channels, tall, wide = weight.shape
        height, width = shape[2:]
        is_plain = options.get("group", 1) == 1 and not any(options.get("pads", ()))
        if (
            not is_plain
            or list(options.get("strides", ())) != [tall, wide]
            or any(d != 1 for d in options.get("dilations", ()))
        ):
            continue
        if not height or not width or height % tall or width % wide:
            continue
        down, across = height // tall, width // wide
        name = graph.fresh
        cut, turned, rows, product, back = (name(part) for part in ("cut", "turned", "rows", "product", "planes"))
        matrix = graph.constant(f"{node.input[1]}_matrix", np.ascontiguousarray(weight.reshape(out, -1).T))
        cuts = graph.constant(name("cuts"), np.array([-1, channels, down, tall, across, wide], np.int64))
        flat = graph.constant(name("flat"), np.array([-1, down * across, channels * tall * wide], np.int64))
        planes = graph.constant(name("shape"), np.array([-1, out, down, across], np.int64))
        last, bias = product, []
        if len(node.input) > 2:
            last = name("sum")
            bias = [helper.make_node("Add", [product, node.input[2]], [last])]
        made = [
            helper.make_node("Reshape", [node.input[0], cuts], [cut]),
            helper.make_node("Transpose", [cut], [turned], perm=[0, 2, 4, 1, 3, 5]),
            helper.make_node("Reshape", [turned, flat], [rows]),
            helper.make_node("MatMul", [rows, matrix], [product], name=name("MatMul")),
            *bias,
            helper.make_node("Transpose", [last], [back], perm=[0, 2, 1]),
            helper.make_node("Reshape", [back, planes], [node.output[0]]),
        ]
        graph.replace(node.output[0], made)
        return 1
    return 0
