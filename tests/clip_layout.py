"""Builds a small model in the layout of ready-made CLIP exports: it knows colours, for real, through real ONNX graphs.

Pictures: the mean colour, through two matrix products. Words: a word is the colour it names, others say nothing.
"""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

COLOURS = {
    "red": (230, 20, 20),
    "green": (20, 190, 30),
    "blue": (20, 40, 220),
    "yellow": (240, 230, 30),
    "white": (250, 250, 250),
    "black": (5, 5, 5),
    "violet": (140, 20, 180),
}
SPECIAL = ["<pad>", "<start>", "<end>", "<unk>"]
MEAN, STD = (0.48, 0.46, 0.41), (0.27, 0.26, 0.28)
CONTEXT = 16
HIDDEN = 32


def write_export(folder, *, dim=48, size=32, seed=7, canonicalize=False):
    """Write the export into ``folder`` and return it."""
    for tower in ("visual", "textual"):
        (folder / tower).mkdir(parents=True, exist_ok=True)
    words = [*SPECIAL, *COLOURS, "a", "photo", "of", "wall"]
    config = {
        "embed_dim": dim,
        "vision_cfg": {"image_size": size},
        "text_cfg": {
            "context_length": CONTEXT,
            "vocab_size": len(words),
            "tokenizer_kwargs": {"clean": "canonicalize"} if canonicalize else {},
        },
    }
    preprocess = {
        "size": [size, size],
        "mode": "RGB",
        "mean": MEAN,
        "std": STD,
        "interpolation": "bicubic",
        "resize_mode": "squash",
        "fill_color": 0,
    }
    _dump(folder / "config.json", config)
    _dump(folder / "visual" / "preprocess_cfg.json", preprocess)
    _dump(folder / "textual" / "tokenizer_config.json", {"pad_token": "<pad>"})
    _tokenizer(words).save(str(folder / "textual" / "tokenizer.json"))
    random = np.random.default_rng(seed)
    first = _orthogonal(random, 3, HIDDEN)
    second = _orthogonal(random, HIDDEN, dim)
    onnx.save(_visual(first, second, size), folder / "visual" / "model.onnx")
    onnx.save(_textual(words, first, second), folder / "textual" / "model.onnx")
    return folder


def _dump(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")


def _orthogonal(random, rows, columns):
    """Rows of unit length at right angles: angles between colours survive both products."""
    return np.linalg.qr(random.normal(size=(columns, columns)))[0][:rows].astype(np.float32)


def _tokenizer(words):
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 1), ("<end>", 2)]
    )
    return tokenizer


def _model(nodes, given, asked, tensors):
    initializers = [numpy_helper.from_array(array, name) for name, array in tensors.items()]
    graph = helper.make_graph(nodes, "colours", [given], [asked], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _visual(first, second, size):
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["mean", "first"], ["hidden"]),
        helper.make_node("MatMul", ["hidden", "second"], ["embedding"]),
    ]
    given = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, size, size])
    asked = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", second.shape[1]])
    return _model(nodes, given, asked, {"first": first, "second": second})


def _textual(words, first, second):
    table = np.full((len(words), 3), 1e-3, np.float32)
    for word, colour in COLOURS.items():
        table[words.index(word)] = (np.array(colour) / 255 - MEAN) / STD
    nodes = [
        helper.make_node("Gather", ["table", "text"], ["words"]),
        helper.make_node("ReduceSum", ["words", "axis"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["sum", "first"], ["hidden"]),
        helper.make_node("MatMul", ["hidden", "second"], ["embedding"]),
    ]
    given = helper.make_tensor_value_info("text", TensorProto.INT32, ["n", CONTEXT])
    asked = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", second.shape[1]])
    return _model(nodes, given, asked, {"table": table, "first": first, "second": second, "axis": np.array([1], np.int64)})
