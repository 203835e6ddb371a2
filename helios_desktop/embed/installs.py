"""A model as a file or a folder -> an installed pack: what comes in may come from anywhere, what goes out was checked.

Taken are our own packs and ready-made exports (which get their manifest here), as a folder or a zip. No path leaves the pack,
neither in the zip nor in what its graphs name; formats that may hold code are refused; a pack appears complete or not at all.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from helios_desktop.embed.onnx_exports import ExportFacts, facts_from_name, is_export, make_pack, needed_files
from helios_desktop.embed.pack import MANIFEST_NAME, ModelPack, adopt, copy_pack, unzip
from helios_desktop.errors import ModelError

STALE_SECONDS = 24 * 3600.0
_USE_THE_PUBLISHERS = "Use the pack from its publisher."


def install(source: Path, models_dir: Path) -> ModelPack:
    """Check what lies in ``source`` and put it into ``models_dir`` under its model id; one of the same id is replaced.

    Raises ``ModelError`` where it is no model, a name leaves the folder, a file may hold code, or a checksum differs.
    """
    models_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(models_dir)
    staging = Path(tempfile.mkdtemp(prefix=".install-", dir=models_dir))
    try:
        if (source / MANIFEST_NAME).is_file():
            copy_pack(ModelPack.open(source), staging)
        elif source.is_dir():
            _copy_export(source, staging)
        elif source.is_file():
            unzip(source, staging)
        else:
            raise ModelError(f"{source} does not exist.", "Name the file or the folder of a model.")
        if is_export(staging):
            make_pack(staging, facts_from_name(source.name.removesuffix(".zip")))
        return finish(staging, models_dir)
    except OSError as error:
        raise ModelError(
            f"{source.name} cannot be installed ({error.strerror or error}).", "Make room on this disk, or look at its rights."
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def sweep(models_dir: Path) -> None:
    """Remove what an installation, a removal or the making of an 8-bit form left that was killed more than a day ago."""
    for path in (*models_dir.glob(".install-*"), *models_dir.glob(".removed-*"), *models_dir.glob("*/.int8-*")):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def install_download(staging: Path, models_dir: Path, facts: ExportFacts, *, repository: str, revision: str) -> ModelPack:
    """Make a pack of a finished download and put it in place."""
    sweep(models_dir)
    make_pack(staging, replace(facts, sources=(f"https://huggingface.co/{repository}, revision {revision}",)))
    return finish(staging, models_dir)


def finish(staging: Path, models_dir: Path) -> ModelPack:
    """Check a pack that lies in ``staging`` for good, throw away what it does not name, and put it in place."""
    pack = ModelPack.open(staging)
    pack.verify()
    refuse_outside_weights(pack)
    named = {staging / MANIFEST_NAME, staging / "origin.json", *(pack.path(name) for name in pack.files)}
    for path in staging.rglob("*"):
        if path.is_file() and path not in named:
            path.unlink()
    return adopt(staging, models_dir)


def refuse_outside_weights(pack: ModelPack) -> None:
    """Refuse graphs whose weights are to come from a file that does not belong to the pack. Raises ``ModelError``."""
    import onnx

    for name in pack.files:
        if not name.endswith(".onnx"):
            continue
        try:
            graph = onnx.load(pack.path(name), load_external_data=False).graph
        except Exception as error:  # protobuf's errors share no base class with anything
            raise ModelError(f"{name} is not a readable model ({type(error).__name__}).", _USE_THE_PUBLISHERS) from error
        folder = name.rpartition("/")[0]
        for tensor in graph.initializer:
            places = [entry.value for entry in tensor.external_data if entry.key == "location"]
            if any(f"{folder}/{place}".lstrip("/") not in pack.files for place in places):
                raise ModelError(f"{name} takes weights from {places[0]!r}, which is no file of the pack.", _USE_THE_PUBLISHERS)


def _copy_export(source: Path, staging: Path) -> None:
    if not is_export(source):
        raise ModelError(
            f"There is no model in {source}: neither {MANIFEST_NAME} nor visual/model.onnx and textual/model.onnx.",
            "Name the folder or the zip of a model pack or of a ready-made export.",
        )
    names = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file() and not path.is_symlink()]
    for name in needed_files(names):
        (staging / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, staging / name)
