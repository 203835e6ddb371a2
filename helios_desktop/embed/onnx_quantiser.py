"""A tower in fp32 -> the same tower in 8 bits: one file comes in, another goes out, made as exactly as a recipe says.

Method: ONNX Runtime's dynamic quantisation of constant matrices (a scale per output channel) and of what they are multiplied
with (a scale per run). A table of words is kept in 8 bits with a scale per word, which loses next to nothing. The last product,
onto the shared space, stays as it is: it costs nothing, and its error would reach every answer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from helios_desktop.embed.onnx_fusion import MOST_BYTES
from helios_desktop.embed.onnx_graph import Graph, bytes_of, lacks_memory

_KINDS = ("MatMul", "Gemm", "Attention")
MEMORY_TIMES = 3.8
"""What the quantiser takes at its peak, in lengths of the graph; measured 3.4."""
_SMALL_GRAPH = 8
"""A graph of fewer products than this has none to spare."""
_LEAST_WORDS = 1000
_LARGEST_STEP = 127.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How exact to be. ``exact_first``: so many products in front stay in fp32, beside the last."""

    has_small_table: bool
    exact_first: int


RECIPES = (
    Recipe(has_small_table=True, exact_first=0),
    Recipe(has_small_table=True, exact_first=2),
    Recipe(has_small_table=False, exact_first=6),
)
"""The quickest first."""


def quantise(source: Path, target: Path, recipe: Recipe) -> str:
    """Write the 8-bit form of a graph; return why that is impossible, nothing where it went well."""
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        return f"the quantiser is not installed ({error})"
    if lack := lacks_memory(source, MEMORY_TIMES):
        return f"an 8-bit form cannot be made now: {lack}"
    named = target.with_suffix(".named")
    try:
        _prepare(source, named, recipe)
        with _without_advice():
            quantize_dynamic(
                named if named.exists() else source,
                target,
                op_types_to_quantize=list(_KINDS),
                nodes_to_exclude=_exact_ones(named if named.exists() else source, recipe),
                per_channel=True,
                weight_type=QuantType.QInt8,
                extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
            )
    except Exception as error:  # noqa: BLE001 the quantiser raises whatever its passes meet; full precision stays then
        return f"{source.parent.name}/{source.name} cannot be quantised ({type(error).__name__})"
    finally:
        named.unlink(missing_ok=True)
    return ""


def _prepare(source: Path, target: Path, recipe: Recipe) -> None:
    """Name every node, and make the tables of words small. Left out where a graph is too large for one message."""
    if bytes_of(source) > MOST_BYTES:
        return
    graph = Graph(onnx.load(source))
    for node in graph.nodes:
        if node.op_type in _KINDS and not node.name:
            node.name = graph.fresh(node.op_type)
    if recipe.has_small_table:
        for node in [one for one in graph.nodes if one.op_type == "Gather"]:
            shape = graph.constants.shape(node.input[0]) or ()
            if len(shape) == 2 and shape[0] >= _LEAST_WORDS and graph.constants[node.input[0]].dtype == np.float32:
                _shrink_table(graph, node, graph.constants[node.input[0]])
    graph.save(target)


def _shrink_table(graph: Graph, node: Any, table: NDArray[np.float32]) -> None:
    name, ids = node.input[0], node.input[1]
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True) / _LARGEST_STEP, np.finfo(np.float32).tiny)
    small = graph.constant(f"{name}_int8", np.rint(table / scales).astype(np.int8))
    steps = graph.constant(f"{name}_steps", scales.astype(np.float32))
    rows, numbers, step = (graph.fresh(part) for part in ("rows", "numbers", "step"))
    graph.replace(
        node.output[0],
        [
            helper.make_node("Gather", [small, ids], [rows]),
            helper.make_node("Cast", [rows], [numbers], to=TensorProto.FLOAT),
            helper.make_node("Gather", [steps, ids], [step]),
            helper.make_node("Mul", [numbers, step], [node.output[0]]),
        ],
    )


def _exact_ones(path: Path, recipe: Recipe) -> list[str]:
    """The names of the products that stay in fp32."""
    graph = onnx.load(path, load_external_data=False).graph
    constants = {one.name for one in graph.initializer}
    products = [node.name for node in graph.node if node.op_type in _KINDS and constants.intersection(node.input[:2])]
    if len(products) < _SMALL_GRAPH:
        return []
    return [*products[: recipe.exact_first], products[-1]]


@contextmanager
def _without_advice() -> Iterator[None]:
    """Keep the quantiser's advice to its callers off the root logger, and off a terminal."""
    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)
    root.addFilter(_is_error)
    try:
        yield
    finally:
        root.removeFilter(_is_error)
        root.removeHandler(silent)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
