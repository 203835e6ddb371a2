"""An ONNX graph that can be read from any of its values, up and down, and rewritten: a model in, a file out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
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


class Graph:
    """Values are named; each is an input, a constant, or the output of one node. Rewritten nodes that nothing asks for go."""

    def __init__(self, model: ModelProto) -> None:
        self._model = model
        graph = model.graph
        self.constants: dict[str, NDArray[Any]] = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        self._tensors: dict[str, TensorProto] = {one.name: one for one in graph.initializer}
        self.nodes: list[NodeProto] = []
        for node in graph.node:
            if node.op_type == "Identity" and node.input[0] in self._tensors:  # weights that are used twice are written so
                self._tensors[node.output[0]] = tensor = TensorProto()
                tensor.CopyFrom(self._tensors[node.input[0]])
                tensor.name = node.output[0]
                self.constants[node.output[0]] = self.constants[node.input[0]]
                continue
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                self._tensors[node.output[0]] = tensor = TensorProto()
                tensor.CopyFrom(node.attribute[0].t)
                tensor.name = node.output[0]
                self.constants[node.output[0]] = numpy_helper.to_array(tensor)
            else:
                self.nodes.append(node)
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
        value = self.constants.get(name)
        return round(float(value.reshape(-1)[0]), 6) if value is not None and value.size == 1 else None

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
            self.constants[name] = content
            self._tensors[name] = numpy_helper.from_array(content, name)
        return name

    def transposed(self, name: str) -> str:
        """The name of the transpose of a constant matrix."""
        return self.constant(f"{name}_transposed", np.ascontiguousarray(self.constants[name].T))

    def replace(self, name: str, nodes: Sequence[NodeProto]) -> None:
        """Have these nodes make a value, instead of the one that made it."""
        old = self._producers[name]
        place = self.nodes.index(old)
        self.nodes[place : place + 1] = nodes
        self._index()

    def save(self, path: Path, *, domains: Sequence[str] = (), outputs: Sequence[str] | None = None) -> None:
        """Write the graph; with ``outputs``, one that gives these float values instead of its own."""
        source = self._model.graph
        asked = (
            list(source.output)
            if outputs is None
            else [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        )
        nodes = self._needed([one.name for one in asked])
        used = {name for node in nodes for name in node.input} | {one.name for one in asked}
        tensors = [tensor for name, tensor in self._tensors.items() if name in used]
        inputs = [one for one in source.input if one.name not in self._tensors]
        graph = helper.make_graph(nodes, source.name, inputs, asked, tensors)
        opsets = [one for one in self._model.opset_import if one.domain not in domains]
        opsets += [helper.make_opsetid(domain, 1) for domain in domains]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=self._model.ir_version), path)

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
