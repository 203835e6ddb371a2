"""The engines that the ancestor's variables name (``OPENSEARCH_URL``, ``ES_URL``), whatever the settings say."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in ``parts``: what is not in use is not imported
    from helios_desktop.index.engine_base import Engine
    from helios_desktop.index.engine_connection import EngineKind


class NamedEngines:
    """Connects to them when they are first asked for; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engines: dict[str, Engine] = {}

    def get(self, kind: EngineKind) -> Engine | None:
        """Return the engine of this kind, None where no variable names one. Raises ``EngineError`` and ``SettingsError``."""
        from helios_desktop.index.engines import connect
        from helios_desktop.pipeline.streaming import named_connection

        with self._lock:
            if kind not in self._engines:
                connection = named_connection(kind)
                if connection is None:
                    return None
                self._engines[kind], _ = connect(connection, kind)
            return self._engines[kind]

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            engines, self._engines = list(self._engines.values()), {}
        for engine in engines:
            engine.close()


def named_index() -> str:
    """Return the index there that is meant: ``INDEX_NAME``, or the ancestor's own."""
    return os.environ.get("INDEX_NAME") or "images"
