"""Self-attention as exporters write it -> one ``MultiHeadAttention`` of ONNX Runtime for each block of a graph.

A block is found from its softmax: up, over whatever only shapes, picks and scales, to the products that make query, key and
value; down to the product that follows. How many heads there are, and which axis counts the pictures, is seen by running the
graph once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from helios_desktop.embed.onnx_graph import CONTRIB, Feeds, Graph
from helios_desktop.embed.onnx_session import OnnxModel

_SHAPING = frozenset({"Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity", "Flatten"})
_HIGHEST_BIAS = 1e30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linear:
    """``x @ weight + bias`` with a constant weight ``[in, out]``; ``weight`` and ``bias`` are names of initializers."""

    x: str
    weight: str
    bias: str
    out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attention:
    """One block: ``inputs`` are the projections of query, key and value (one and the same where packed, ``order`` says how).

    ``x``: what is projected; ``result``: what leaves the output projection, shaped like ``x``; ``scores``: the softmax's input.
    """

    inputs: tuple[_Linear, ...]
    order: tuple[int, ...]
    x: str
    mask: str
    scores: str
    output: _Linear
    result: str


def fuse_attentions(graph: Graph, feeds: Feeds, scratch: Path) -> int:
    """Rewrite every block that is recognised; return how many. ``scratch``: where a graph may lie that is run to look inside.

    Raises ``ModelError`` where the graph does not run with these ``feeds``.
    """
    blocks = [block for node in graph.nodes if node.op_type == "Softmax" if (block := _attention_of(graph, node))]
    if not blocks:
        return 0
    names = sorted({name for block in blocks for name in (block.scores, block.x, block.result, block.mask) if name})
    values = _values(graph, names, feeds, scratch)
    rows = len(next(iter(feeds.values())))
    return sum(_replace_attention(graph, block, values, rows) for block in blocks)


def _attention_of(graph: Graph, softmax: NodeProto) -> _Attention | None:
    """Read what a softmax stands in the middle of; None where it is not self-attention as it is usually written."""
    scores, mask = softmax.input[0], ""
    node = graph.producer(scores)
    if node is not None and node.op_type == "Add":
        mask = next((name for name in node.input if not graph.depends_on_input(name)), "")
        node = graph.producer(graph.other_input(node, mask)) if mask else None
    mixing = graph.only_consumer(softmax.output[0])
    if node is None or node.op_type != "MatMul" or mixing is None or mixing.op_type != "MatMul":
        return None
    origins = [_origin(graph, name) for name in (node.input[0], node.input[1], mixing.input[1])]
    inputs = [_linear(graph, name) for name, _ in origins]
    output = _after(graph, mixing.output[0])
    if output is None or any(one is None for one in inputs):
        return None
    known = [one for one in inputs if one is not None]
    x = {_unshaped(graph, one.x) for one in known}
    order = tuple(pick for _, pick in origins)
    is_packed = len({one.weight for one in known}) == 1
    if len(x) != 1 or (sorted(order) != [0, 1, 2] if is_packed else any(order)):
        return None
    linear, result = output
    kept = tuple(known[:1] if is_packed else known)
    return _Attention(inputs=kept, order=order, x=x.pop(), mask=mask, scores=scores, output=linear, result=result)


def _origin(graph: Graph, name: str) -> tuple[str, int]:
    """Go up through nodes that only shape and scale; return the value met there, and which part of it was picked."""
    pick = 0
    while (node := graph.producer(name)) is not None:
        if node.op_type in _SHAPING:
            name = node.input[0]
        elif node.op_type in {"Mul", "Div"}:
            scaled = next((one for one in node.input if graph.scalar(one) is None and graph.depends_on_input(one)), "")
            if not scaled:  # learnt once for all pictures, as where a tower's last layer asks one question of its own
                break
            name = scaled
        elif _is_picking(graph, node):
            pick, name = int(graph.constants[node.input[1]].item()), node.input[0]
        elif node.op_type == "Split":
            pick, name = list(node.output).index(name), node.input[0]
        else:
            break
    return name, pick


def _is_picking(graph: Graph, node: NodeProto) -> bool:
    """Whether a node takes one part of several, which its second input names."""
    if node.op_type == "Gather":
        return graph.scalar(node.input[1]) is not None
    first, last = (graph.scalar(name) for name in node.input[1:3]) if node.op_type == "Slice" else (None, None)
    return first is not None and last == first + 1


def _unshaped(graph: Graph, name: str) -> str:
    while (node := graph.producer(name)) is not None and node.op_type in _SHAPING:
        name = node.input[0]
    return name


def _linear(graph: Graph, name: str) -> _Linear | None:
    """Read ``name`` as the result of a product with a constant matrix, and a bias."""
    node, bias = graph.producer(name), ""
    if node is not None and node.op_type == "Add":
        bias = next((one for one in node.input if one in graph.constants), "")
        node = graph.producer(graph.other_input(node, bias)) if bias else None
    return _product(graph, node, bias)


def _product(graph: Graph, node: NodeProto | None, bias: str) -> _Linear | None:
    if node is None or node.op_type not in {"MatMul", "Gemm"} or node.input[1] not in graph.constants:
        return None
    weight = node.input[1]
    if node.op_type == "Gemm":
        options = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        if options.get("transA") or options.get("alpha", 1.0) != 1.0 or options.get("beta", 1.0) != 1.0:
            return None
        bias = node.input[2] if len(node.input) > 2 else bias
        weight = graph.transposed(weight) if options.get("transB") else weight
    shape = graph.constants.shape(weight)
    if shape is None or len(shape) != 2:
        return None
    return _Linear(x=node.input[0], weight=weight, bias=bias, out=shape[1])


def _after(graph: Graph, name: str) -> tuple[_Linear, str] | None:
    """Go down from what attention mixed, over its output projection; return that and the name of what comes out at the end."""
    name = _shaped(graph, name)
    node = graph.only_consumer(name)
    linear = _product(graph, node, "")
    if linear is None or node is None:
        return None
    name = node.output[0]
    after = graph.only_consumer(name)
    if after is not None and after.op_type == "Add" and not linear.bias:
        bias = graph.other_input(after, name)
        if len(graph.constants.shape(bias) or ()) == 1:
            linear = _Linear(x=linear.x, weight=linear.weight, bias=bias, out=linear.out)
            name = after.output[0]
    return linear, _shaped(graph, name)


def _shaped(graph: Graph, name: str) -> str:
    while (node := graph.only_consumer(name)) is not None and node.op_type in _SHAPING:
        name = node.output[0]
    return name


def _values(graph: Graph, names: list[str], feeds: Feeds, scratch: Path) -> dict[str, NDArray[Any]]:
    """Run the graph and return what these values are."""
    given = {name: graph.constants[name] for name in names if name in graph.constants}
    asked = [name for name in names if name not in given]
    probe = scratch.with_suffix(".probe")
    graph.save_to_look_inside(probe, asked, domains=(CONTRIB,))
    model = OnnxModel(probe, threads=1)
    try:
        return {**given, **dict(zip(asked, model.run(feeds), strict=True))}
    finally:
        model.close()
        probe.unlink()


def _replace_attention(graph: Graph, block: _Attention, values: Mapping[str, NDArray[Any]], rows: int) -> bool:
    x, result, heads = values[block.x], values[block.result], _heads(values[block.scores], rows)
    if x.ndim != 3 or result.ndim != 3 or not heads or rows not in x.shape[:2]:
        return False
    is_rows_first = x.shape[0] == rows
    if is_rows_first != (result.shape[0] == rows):
        return False
    name = graph.fresh
    nodes = []
    if is_rows_first:
        start = block.x
    else:
        start = name("rows_first")
        nodes.append(helper.make_node("Transpose", [block.x], [start], perm=[1, 0, 2]))
    projected = []
    for one in block.inputs:
        made, last = _linear_nodes(graph, one, start)
        nodes += made
        projected.append(last)
    if len(projected) == 1:
        parts = [name("part") for _ in range(3)]
        third = block.inputs[0].out // 3
        sizes = graph.constant(f"helios_thirds_{third}", np.full(3, third, np.int64))
        nodes.append(helper.make_node("Split", [*projected, sizes], parts, axis=-1))
        projected = [parts[number] for number in block.order]
    mask = ["", "", _bias(graph, block.mask, values)] if block.mask else []
    mixed = name("mixed")
    nodes.append(helper.make_node("MultiHeadAttention", [*projected, *mask], [mixed], domain=CONTRIB, num_heads=heads))
    made, last = _linear_nodes(graph, block.output, mixed, result="" if not is_rows_first else block.result)
    nodes += made
    if not is_rows_first:
        nodes.append(helper.make_node("Transpose", [last], [block.result], perm=[1, 0, 2]))
    graph.replace(block.result, nodes)
    return True


def _heads(scores: NDArray[Any], rows: int) -> int:
    """Number of heads by the shape of the scores: ``[rows, heads, n, n]``, or both in one."""
    if scores.ndim == 4 and scores.shape[0] == rows:
        return int(scores.shape[1])
    return scores.shape[0] // rows if scores.ndim == 3 and scores.shape[0] % rows == 0 else 0


def _bias(graph: Graph, mask: str, values: Mapping[str, NDArray[Any]]) -> str:
    """The mask as ``[1, 1, n, n]``, without infinities."""
    content = np.clip(values[mask].astype(np.float32), -_HIGHEST_BIAS, _HIGHEST_BIAS)
    return graph.constant(f"{mask}_bias", content.reshape(1, 1, *content.shape[-2:]))


def _linear_nodes(graph: Graph, linear: _Linear, x: str, result: str = "") -> tuple[list[NodeProto], str]:
    name = graph.fresh
    product = name("product") if linear.bias else result or name("product")
    nodes = [helper.make_node("MatMul", [x, linear.weight], [product], name=name("MatMul"))]
    if not linear.bias:
        return nodes, product
    last = result or name("sum")
    return [*nodes, helper.make_node("Add", [product, linear.bias], [last])], last
