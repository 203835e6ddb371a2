"""``models export``: a pack of any open_clip model, which then runs on machines without PyTorch."""

from __future__ import annotations

from pathlib import Path

import click

from helios_desktop.cli.library import open_library
from helios_desktop.cli.output import note, print_json
from helios_desktop.embed.open_clip.source import OpenClipSource
from helios_desktop.embed.pack import ModelPack


@click.command("export")
@click.argument("architecture")
@click.argument("pretrained", required=False, default="")
@click.option("--checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Weights of your own.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make; it must not exist yet.")
@click.option("--full-precision", is_flag=True, help="Make no 8-bit form.")
@click.option("--torch", "is_for_torch", is_flag=True, help="Make a pack that PyTorch runs: for a GPU.")
@click.option("--licence", default="", help="The licence of the weights (SPDX), to be kept with the pack.")
@click.option("--json", "as_json", is_flag=True, help="One compact JSON object.")
def export_model(
    architecture: str,
    pretrained: str,
    checkpoint: Path | None,
    out: Path,
    full_precision: bool,
    is_for_torch: bool,
    licence: str,
    as_json: bool,
) -> int:
    """Make a pack of the open_clip model ARCHITECTURE with the weights PRETRAINED, or with --checkpoint.

    ARCHITECTURE may be a folder with an open_clip_config.json. Needs PyTorch and open_clip; the pack does not, unless it is
    made with --torch. Photos indexed with one kind of pack are found with the other.
    """
    source = OpenClipSource(architecture=architecture, pretrained=pretrained, checkpoint=checkpoint)
    with open_library() as app:
        if is_for_torch:
            return _made(app.model_store.export_for_torch(source, out, licence=licence, say=note), as_json=as_json)
        report = app.model_store.export(source, out, is_int8_wanted=not full_precision, licence=licence, say=note)
    if as_json:
        print_json(
            {
                "id": report.pack.model_id,
                "folder": str(out),
                "bytes": sum(file.bytes for file in report.pack.files.values()),
                "image_cosine": round(report.image_cosine, 6),
                "text_cosine": round(report.text_cosine, 6),
                "int8_images": bool(report.int8 and report.int8.is_image_kept),
                "int8_words": bool(report.int8 and report.int8.is_text_kept),
            }
        )
    else:
        click.echo(report.sentence())
        click.echo(f"install it with: helios models install {out}")
    return 0


def _made(pack: ModelPack, *, as_json: bool) -> int:
    size = sum(file.bytes for file in pack.files.values())
    if as_json:
        print_json({"id": pack.model_id, "folder": str(pack.folder), "bytes": size})
    else:
        click.echo(f"{pack.model_id}: a pack that PyTorch runs, {size / 1e6:.1f} MB")
        click.echo(f"install it with: helios models install {pack.folder}")
    return 0
