"""An ONNX graph that can be read from any of its values, up and down, and rewritten: a model in, a file out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

CONTRIB = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""
Feeds = Mapping[str, NDArray[Any]]
"""What a graph is given, by name."""


def bytes_of(path: Path) -> int:
    """The length of a graph with the weights that lie beside it."""
    return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))


def lacks_memory(path: Path, times: float) -> str:
    """Why work on a graph that needs so many times its length is better not begun; empty where there is memory for it."""
    import psutil

    needed, free = times * bytes_of(path), int(psutil.virtual_memory().available)
    return f"{needed / 1e9:.1f} GB of memory are needed, and {free / 1e9:.1f} GB are free" if needed > free else ""


class Constants(Mapping[str, NDArray[Any]]):
    """The constants of a graph by name, read when they are asked for: together they are as large as the model."""

    def __init__(self, tensors: Mapping[str, TensorProto]) -> None:
        self._tensors = tensors

    def __getitem__(self, name: str) -> NDArray[Any]:
        return numpy_helper.to_array(self._tensors[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def __contains__(self, name: object) -> bool:
        return name in self._tensors

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of a constant; None where there is none of this name."""
        tensor = self._tensors.get(name)
        return None if tensor is None else tuple(tensor.dims)


class Graph:
    """Values are named; each is an input, a constant, or the output of one node. Rewritten nodes that nothing asks for go.

    The model given is worked on in place: two of its size would not fit where one does.
    """

    def __init__(self, model: ModelProto) -> None:
        self._model = model
        graph = model.graph
        self._tensors: dict[str, TensorProto] = {one.name: one for one in graph.initializer}
        self.constants = Constants(self._tensors)
        self.nodes: list[NodeProto] = []
        for node in graph.node:
            if node.op_type == "Identity" and node.input[0] in self._tensors:  # weights that are used twice are written so
                self._add(node.output[0], self._tensors[node.input[0]])
            elif node.op_type == "Constant" and node.attribute[0].name == "value":
                self._add(node.output[0], node.attribute[0].t)
            else:
                self.nodes.append(NodeProto())
                self.nodes[-1].CopyFrom(node)
        del graph.node[:]
        self._inputs = {one.name for one in graph.input} - set(self._tensors)
        self._numbers: defaultdict[str, int] = defaultdict(int)
        self._dependent: dict[str, bool] = {}
        self._index()

    def producer(self, name: str) -> NodeProto | None:
        """The node that makes a value; None for inputs and constants."""
        return self._producers.get(name)

    def only_consumer(self, name: str) -> NodeProto | None:
        """The node that takes a value, where there is one alone and the value is not asked for outside.

        Who only asks for its shape does not count.
        """
        consumers = [node for node in self._consumers.get(name, []) if node.op_type != "Shape"]
        return consumers[0] if len(consumers) == 1 and name not in self._asked else None

    def scalar(self, name: str) -> float | None:
        """A constant of one number, to six digits; None for anything else."""
        shape = self.constants.shape(name)
        return None if shape is None or prod(shape) != 1 else round(float(self.constants[name].reshape(-1)[0]), 6)

    def other_input(self, node: NodeProto, name: str) -> str:
        """The other one of a node's two inputs; empty where there are not two."""
        others = [one for one in node.input if one != name]
        return others[0] if len(node.input) == 2 and len(others) == 1 else ""

    def depends_on_input(self, name: str) -> bool:
        """Whether a value changes with what the graph is given; the shape of that does not count."""
        if name not in self._dependent:
            node = self.producer(name)
            self._dependent[name] = name in self._inputs or (
                node is not None and node.op_type != "Shape" and any(self.depends_on_input(one) for one in node.input)
            )
        return self._dependent[name]

    def input_shape(self, name: str) -> list[int] | None:
        """The declared shape of one of the graph's inputs; 0 where a length is open."""
        for one in self._model.graph.input:
            if one.name == name:
                return [dim.dim_value for dim in one.type.tensor_type.shape.dim]
        return None

    def fresh(self, stem: str) -> str:
        """A name that nothing has yet."""
        self._numbers[stem] += 1
        return f"helios_{stem}_{self._numbers[stem]}"

    def constant(self, name: str, content: NDArray[Any]) -> str:
        """Add a constant, once under a name; return its name."""
        if name not in self._tensors:
            self._add(name, numpy_helper.from_array(content, name))
        return name

    def _add(self, name: str, tensor: TensorProto) -> None:
        own = self._model.graph.initializer.add()
        own.CopyFrom(tensor)
        own.name = name
        self._tensors[name] = own

    def transposed(self, name: str) -> str:
        """The name of the transpose of a constant matrix."""
        return self.constant(f"{name}_transposed", np.ascontiguousarray(self.constants[name].T))

    def replace(self, name: str, nodes: Sequence[NodeProto]) -> None:
        """Have these nodes make a value, instead of the one that made it."""
        old = self._producers[name]
        place = self.nodes.index(old)
        self.nodes[place : place + 1] = nodes
        self._index()

    def save(self, path: Path, *, domains: Sequence[str] = ()) -> None:
        """Write the graph; constants that nothing asks for any more are gone from then on."""
        nodes = self._needed([one.name for one in self._model.graph.output])
        used = {name for node in nodes for name in node.input} | self._asked
        for name in set(self._tensors) - used:
            self._model.graph.initializer.remove(self._tensors.pop(name))
        self._write(path, nodes, domains)

    def save_to_look_inside(self, path: Path, outputs: Sequence[str], *, domains: Sequence[str] = ()) -> None:
        """Write a graph that gives these float values instead of its own."""
        graph = self._model.graph
        own = ModelProto()
        own.graph.output.extend(graph.output)
        del graph.output[:]
        graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs)
        try:
            self._write(path, self._needed(outputs), domains)
        finally:
            del graph.output[:]
            graph.output.extend(own.graph.output)

    def _write(self, path: Path, nodes: Sequence[NodeProto], domains: Sequence[str]) -> None:
        graph = self._model.graph
        kept = [one for one in graph.input if one.name not in self._tensors]  # old exporters list weights among inputs
        if len(kept) < len(graph.input):
            copies = ModelProto()
            copies.graph.input.extend(kept)
            del graph.input[:]
            graph.input.extend(copies.graph.input)
        known = {one.domain for one in self._model.opset_import}
        self._model.opset_import.extend(helper.make_opsetid(domain, 1) for domain in domains if domain not in known)
        graph.node.extend(nodes)
        del graph.value_info[:]  # of values that may be gone
        try:
            onnx.save(self._model, path)
        finally:
            del graph.node[:]

    def _index(self) -> None:
        self._producers = {name: node for node in self.nodes for name in node.output if name}
        self._consumers: defaultdict[str, list[NodeProto]] = defaultdict(list)
        for node in self.nodes:
            for name in node.input:
                self._consumers[name].append(node)
        self._asked = {one.name for one in self._model.graph.output}

    def _needed(self, outputs: Sequence[str]) -> list[NodeProto]:
        """The nodes that make these values, each after those it takes from."""
        placed: set[int] = set()
        ordered: list[NodeProto] = []
        stack = [(name, False) for name in reversed(outputs)]
        while stack:
            name, is_ready = stack.pop()
            node = self._producers.get(name)
            if node is None or id(node) in placed:
                continue
            if is_ready:
                placed.add(id(node))
                ordered.append(node)
            else:
                stack.append((name, True))
                stack += [(one, False) for one in node.input]
        return ordered
