"""``search`` and ``similar``: questions asked on the command line."""

from __future__ import annotations

import os
from difflib import get_close_matches

import click

from helios_desktop.app import App
from helios_desktop.cli.library import open_library
from helios_desktop.cli.output import note, print_hits
from helios_desktop.cli.progress import ProgressPrinter
from helios_desktop.domain import PHOTOS_LIBRARY, Filter, ImageTerm, PhotoTerm, Query
from helios_desktop.pipeline.query import parse_date

DEFAULT_LIMIT = 20

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")
limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=DEFAULT_LIMIT, show_default=True)
library_option = click.option(
    "--library", default=PHOTOS_LIBRARY, show_default=True, metavar="NAME", help="Your photos, or a library that was imported."
)
in_option = click.option(
    "--in", "folders", multiple=True, type=click.Path(path_type=bytes), metavar="FOLDER", help="Only below this folder."
)


class SearchCommand(click.Command):
    """A command whose words may begin with a minus; an unknown ``--option`` is still a mistake and never a word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what looks like a long option and is none. Values of options, and what follows ``--``, may be anything."""
        takes_value = {
            name: not option.is_flag for option in self.params if isinstance(option, click.Option) for name in option.opts
        }
        takes_value |= dict.fromkeys(self.get_help_option_names(ctx), False)
        rest = iter(args)
        for argument in rest:
            if argument == "--":
                break
            name, has_value, _ = argument.partition("=")
            if name.startswith("--") and name not in takes_value:
                raise click.NoSuchOption(name, possibilities=get_close_matches(name, takes_value), ctx=ctx)
            if takes_value.get(name) and not has_value:
                next(rest, None)
        return super().parse_args(ctx, args)


@click.command("search", cls=SearchCommand, context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.option("--image", "images", multiple=True, type=click.Path(path_type=bytes), metavar="FILE", help="Look like this.")
@click.option("--not", "negatives", multiple=True, metavar="WORDS", help="Look away from these words.")
@in_option
@click.option("--after", metavar="DATE", help="Taken on this day or later: 2024, 2024-06 or 2024-06-01.")
@click.option("--before", metavar="DATE", help="Taken before this day.")
@click.option("--camera", "cameras", multiple=True, metavar="X", help="Taken with a camera of this name.")
@click.option("--format", "formats", multiple=True, metavar="X", help="Of this format, as in jpeg.")
@click.option("--near", metavar="PLACE|FILE", type=click.Path(path_type=bytes), help="Taken around a place, or a photo's.")
@click.option("--radius", type=click.FloatRange(0.1, 2000), metavar="KM", help="How far around --near.")
@library_option
@limit_option
@json_option
def search_command(  # one parameter an option: that is what the command offers
    words: tuple[str, ...],
    images: tuple[bytes, ...],
    negatives: tuple[str, ...],
    folders: tuple[bytes, ...],
    after: str | None,
    before: str | None,
    cameras: tuple[str, ...],
    formats: tuple[str, ...],
    near: bytes | None,
    radius: float | None,
    library: str,
    limit: int,
    as_json: bool,
) -> int:
    """Find photos: words are what is in them, "quoted words" must be in a name or a caption, -word looks away.

    With --in, the folder is indexed first where that is missing.
    """
    wanted = Filter(
        folders=tuple(os.path.abspath(folder) for folder in folders),
        taken_after=parse_date(after) if after else None,
        taken_before=parse_date(before) if before else None,
        cameras=cameras,
        formats=formats,
    )
    pictures = tuple(ImageTerm(path=os.path.abspath(image)) for image in images)
    if radius is not None and near is None:
        raise click.UsageError("--radius says how far around --near; name a place with --near, too.")
    if not words and not negatives and not pictures and near is None and wanted == Filter(folders=wanted.folders):
        raise click.UsageError('Say what to look for, for example: helios search "a cat on a chair"')
    with open_library() as app:
        index_missing(app, folders)
        wanted = wanted if near is None else app.near(near, radius, wanted)
        parsed = app.understand(" ".join(words), wanted, negatives=negatives, limit=limit).query
        query = Query(terms=parsed.terms + pictures, filter=parsed.filter, limit=limit, library=library)
        return _print_answer(app, query, as_json=as_json)


@click.command("similar")
@click.argument("file", type=click.Path(path_type=bytes))
@in_option
@library_option
@limit_option
@json_option
def similar_command(file: bytes, folders: tuple[bytes, ...], library: str, limit: int, as_json: bool) -> int:
    """Find photos that look like FILE, which need not be in the catalogue; FILE itself is left out.

    With --library, FILE is the id or the page address of a photo of that library, or a picture file.
    """
    path = os.path.abspath(file)
    with open_library() as app:
        if library != PHOTOS_LIBRARY:
            return _print_similar(app, library, file, limit, as_json=as_json)
        index_missing(app, folders)
        known = app.indexed_photo(path)
        term = ImageTerm(path=path) if known is None else PhotoTerm(photo_id=known.photo_id)
        wanted = Filter(folders=tuple(os.path.abspath(folder) for folder in folders))
        return _print_answer(app, Query(terms=(term,), filter=wanted, limit=limit), as_json=as_json)


def _print_similar(app: App, library: str, file: bytes, limit: int, *, as_json: bool) -> int:
    if os.path.isfile(file):
        term = ImageTerm(path=os.path.abspath(file))
        return _print_answer(app, Query(terms=(term,), limit=limit, library=library), as_json=as_json)
    return 0 if print_hits(app.libraries.similar(library, os.fsdecode(file), limit).hits, as_json=as_json) else 1


def index_missing(app: App, folders: tuple[bytes, ...]) -> None:
    """Bring the folders of ``--in`` in step before they are searched; how far that is goes to stderr."""
    if folders:
        with ProgressPrinter(as_json=False) as printer:
            app.index(folders, printer.show)


def _print_answer(app: App, query: Query, *, as_json: bool) -> int:
    result = app.search(query)
    found = print_hits(result.hits, as_json=as_json)
    if query.terms and result.engine != app.engine:
        note(f"answered by the {result.engine} index: {app.engine} is away or not in step; look at: helios engine status")
    if not found:
        note("Nothing found." if app.counts().indexed else "Nothing is indexed yet; add a folder with: helios index FOLDER")
    return 0 if found else 1
