"""Attention, GELUs and patches are found in graphs as exporters write them; a graph that only looks alike stays as it is."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from helios_desktop.embed.onnx_fusion import fuse
from helios_desktop.embed.onnx_session import OnnxModel

WIDTH, HEADS, TOKENS = 32, 4, 5
HEAD = WIDTH // HEADS


class Written:
    """A graph as it is written down, node by node."""

    def __init__(self, shape=("n", TOKENS, WIDTH)):
        self.random = np.random.default_rng(4)
        self.nodes, self.tensors, self.count = [], [], 0
        self.given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)

    def add(self, kind, *inputs, outputs=1, **options):
        self.count += 1
        names = [f"v{self.count}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=f"{kind}{self.count}", **options))
        return names[0] if outputs == 1 else names

    def constant(self, content, kind=np.float32):
        self.tensors.append(numpy_helper.from_array(np.asarray(content, kind), f"c{len(self.tensors)}"))
        return self.tensors[-1].name

    def weights(self, *shape):
        return self.constant(self.random.normal(0, shape[0] ** -0.5, shape))

    def shaped(self, name, *shape):
        return self.add("Reshape", name, self.constant(shape, np.int64))

    def save(self, path, result):
        asked = helper.make_tensor_value_info(result, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "written", [self.given], [asked], self.tensors)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
        return path


def attention(graph, *, mask=None, scale=HEAD**-0.5, is_rows_first=True, is_packed=True, turned="x"):
    """Self-attention over ``x`` as TorchScript writes it; returns what leaves its output projection."""
    if is_packed:
        both = graph.add("Add", graph.add("MatMul", turned, graph.weights(WIDTH, 3 * WIDTH)), graph.weights(3 * WIDTH))
        parts = graph.add("Transpose", graph.shaped(both, 0, 0, 3, HEADS, HEAD), perm=[2, 0, 1, 3, 4])
        query, key, value = (graph.add("Gather", parts, graph.constant(number, np.int64), axis=0) for number in range(3))
    else:
        made = [graph.add("Add", graph.add("MatMul", turned, graph.weights(WIDTH, WIDTH)), graph.weights(WIDTH)) for _ in "qkv"]
        query, key, value = (graph.shaped(one, 0, 0, HEADS, HEAD) for one in made)
    to_heads = [0, 2, 1, 3] if is_rows_first else [1, 2, 0, 3]
    query, key, value = (graph.add("Transpose", one, perm=to_heads) for one in (query, key, value))
    query = graph.add("Mul", query, graph.constant(scale))
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    if mask is not None:
        scores = graph.add("Add", scores, graph.constant(mask))
    mixed = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), value)
    mixed = graph.add("Transpose", mixed, perm=[0, 2, 1, 3] if is_rows_first else [2, 0, 1, 3])
    return graph.add(
        "Add", graph.add("MatMul", graph.shaped(mixed, 0, 0, WIDTH), graph.weights(WIDTH, WIDTH)), graph.weights(WIDTH)
    )


def numbers(*shape):
    random = np.random.default_rng(9)
    return lambda rows: {"x": random.standard_normal((rows, *shape)).astype(np.float32)}


def kinds(path):
    return [node.op_type for node in onnx.load(path).graph.node]


def agree(source, target, feeds):
    one, other = (OnnxModel(path, threads=1).run(feeds)[0] for path in (source, target))
    return np.abs(one - other).max() < 1e-4


CAUSAL = np.triu(np.full((TOKENS, TOKENS), -np.inf), 1)


@pytest.mark.parametrize("mask", [None, CAUSAL], ids=["whole", "causal"])
@pytest.mark.parametrize("is_packed", [True, False], ids=["packed", "apart"])
def test_attention_becomes_one_node(tmp_path, mask, is_packed):
    graph = Written()
    result = graph.add("Add", "x", attention(graph, mask=mask, is_packed=is_packed))
    source = graph.save(tmp_path / "source.onnx", result)
    found = fuse(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH))
    assert found.attentions == 1
    assert "MultiHeadAttention" in kinds(tmp_path / "target.onnx")
    assert not {"Softmax", "Gather", "Reshape"}.intersection(kinds(tmp_path / "target.onnx"))
    assert agree(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH)(7))
    assert not list(tmp_path.glob("*.probe"))


def test_attention_over_tokens_that_come_first_becomes_one_node(tmp_path):
    graph = Written()
    turned = graph.add("Relu", graph.add("Transpose", "x", perm=[1, 0, 2]))
    after = graph.add("Add", turned, attention(graph, is_rows_first=False, turned=turned))
    source = graph.save(tmp_path / "source.onnx", graph.add("Transpose", after, perm=[1, 0, 2]))
    assert fuse(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH)).attentions == 1
    assert agree(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH)(7))


def test_attention_of_another_temperature_stays_as_it_is(tmp_path):
    graph = Written()
    source = graph.save(tmp_path / "source.onnx", graph.add("Add", "x", attention(graph, scale=3.0)))
    assert not fuse(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH))
    assert [path.name for path in tmp_path.iterdir()] == ["source.onnx"]


def gelu(graph, form):
    error = graph.add("Erf", graph.add("Div", "x", graph.constant(2**0.5)))
    one_more = graph.add("Add", error, graph.constant(1))
    half = graph.constant(0.5)
    if form == "x first":
        return graph.add("Mul", graph.add("Mul", "x", one_more), half)
    if form == "half first":
        return graph.add("Mul", "x", graph.add("Mul", half, one_more))
    if form == "half of x":
        return graph.add("Mul", graph.add("Mul", "x", half), one_more)
    return graph.add("Mul", "x", one_more)


@pytest.mark.parametrize("form", ["x first", "half first", "half of x"])
def test_a_gelu_becomes_one_node_however_its_products_are_ordered(tmp_path, form):
    graph = Written()
    source = graph.save(tmp_path / "source.onnx", graph.add("MatMul", gelu(graph, form), graph.weights(WIDTH, 3)))
    assert fuse(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH)).gelus == 1
    assert kinds(tmp_path / "target.onnx") == ["Gelu", "MatMul"]
    assert agree(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH)(7))


def test_half_a_gelu_stays_as_it_is(tmp_path):
    graph = Written()
    source = graph.save(tmp_path / "source.onnx", graph.add("Relu", gelu(graph, "without half")))
    assert not fuse(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH))


@pytest.mark.parametrize("has_bias", [True, False])
def test_patches_become_a_product(tmp_path, has_bias):
    graph = Written(shape=("n", 3, 8, 12))
    inputs = ["x", graph.weights(10, 3, 4, 4), *([graph.weights(10)] if has_bias else [])]
    source = graph.save(tmp_path / "source.onnx", graph.add("Conv", *inputs, strides=[4, 4]))
    assert fuse(source, tmp_path / "target.onnx", numbers(3, 8, 12)).patches == 1
    assert "Conv" not in kinds(tmp_path / "target.onnx")
    assert agree(source, tmp_path / "target.onnx", numbers(3, 8, 12)(7))


@pytest.mark.parametrize("options", [{"strides": [2, 2]}, {"strides": [4, 4], "pads": [1, 1, 1, 1]}])
def test_a_convolution_over_squares_that_overlap_stays_as_it_is(tmp_path, options):
    graph = Written(shape=("n", 3, 8, 12))
    source = graph.save(tmp_path / "source.onnx", graph.add("Conv", "x", graph.weights(10, 3, 4, 4), **options))
    assert not fuse(source, tmp_path / "target.onnx", numbers(3, 8, 12))


def test_a_file_that_is_no_graph_stays_as_it_is(tmp_path):
    source = tmp_path / "source.onnx"
    source.write_bytes(b"not a graph")
    assert not fuse(source, tmp_path / "target.onnx", numbers(TOKENS, WIDTH))


@pytest.mark.parametrize("is_dynamo", [True, False], ids=["torch.export", "TorchScript"])
@pytest.mark.filterwarnings("ignore")
def test_every_block_of_a_real_model_is_found_whichever_exporter_wrote_it(tmp_path, tiny_source, tiny_packs, is_dynamo):
    from helios_desktop.embed.open_clip.loading import configuration

    config = configuration(tiny_source)
    size, length = config["vision_cfg"]["image_size"], config["text_cfg"]["context_length"]
    random = np.random.default_rng(2)
    paths = {"image": tiny_packs["fp32"] / "visual" / "model.onnx", "text": tiny_packs["fp32"] / "textual" / "model.onnx"}
    if not is_dynamo:
        paths = with_torchscript(tmp_path, tiny_source, size, length)

    def pictures(rows):
        return {"image": random.standard_normal((rows, 3, size, size)).astype(np.float32)}

    def words(rows):
        return {"text": random.integers(1, 40_000, (rows, length)).astype(np.int32)}

    seen = fuse(paths["image"], tmp_path / "image-fused.onnx", pictures)
    read = fuse(paths["text"], tmp_path / "text-fused.onnx", words)
    assert (seen.attentions, seen.patches) == (config["vision_cfg"]["layers"], 1)
    assert read.attentions == config["text_cfg"]["layers"]
    assert seen.gelus + read.gelus >= seen.attentions + read.attentions


def with_torchscript(folder, source, size, length):
    """Both towers, written by the exporter that most ready-made exports came from."""
    import torch

    from helios_desktop.embed.open_clip import graphs
    from helios_desktop.embed.open_clip.loading import load_model

    model = load_model(source)
    modules = {"image": graphs._Pictures(model), "text": graphs._Words(model)}
    examples = {"image": torch.zeros(2, 3, size, size), "text": torch.zeros(2, length, dtype=torch.int32)}
    for name, module in modules.items():
        options = {"input_names": [name], "dynamic_axes": {name: {0: "n"}}, "opset_version": 17, "dynamo": False}
        with graphs._plain_attention(), torch.inference_mode():
            torch.onnx.export(module, (examples[name],), folder / f"{name}.onnx", **options)
    return {name: folder / f"{name}.onnx" for name in modules}
