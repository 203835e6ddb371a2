"""Brings an engine in step and says so after each batch; the test kills it in between: FOLDER URL ALIAS."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engines.library import MODEL, opened

from helios_desktop.index.engine_connection import EngineConnection
from helios_desktop.index.engine_index import EngineIndex
from helios_desktop.index.engine_indices import Owner
from helios_desktop.index.engine_names import IndexNames
from helios_desktop.index.engines import connect
from helios_desktop.pipeline import sync
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.mirrored import mirrored_photos
from helios_desktop.pipeline.sending import Patience, patiently

folder, url, alias = sys.argv[1:]
sync.BATCH_ROWS = 100  # many batches, so that there is something to send at each kill
with opened(Path(folder)) as library:
    patience = Patience(first_seconds=0.01, longest_seconds=0.1, tries=20)
    engine, _ = patiently(lambda: connect(EngineConnection(urls=(url,))), patience, CancelToken())
    mirrored = mirrored_photos(library.catalog, MODEL, library.dim)
    names = IndexNames(alias=alias, library="photos", model_id=MODEL)
    index = EngineIndex(engine, names, library.dim, Owner(catalogue_id=library.catalog.catalog_id), mirrored.facts_of)
    sync.EngineSync(
        index=index,
        mirrored=mirrored,
        changes=library.catalog.changes,
        token=CancelToken(),
        takes_alias=True,
        patience=patience,
        on_progress=lambda rows: print(rows, flush=True),
    ).run()
    index.close()
