"""One ONNX file, ready to run: named arrays come in, arrays go out. The one place that knows ONNX Runtime.

Threads are passed in, because the application has one CPU budget; they never spin, because decoding wants the cores between
two batches. Sessions are made at the first run, so that asking with words never loads the tower for pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helios_desktop.errors import ModelError

_ERRORS_ONLY = 3


class OnnxModel:
    """A lazily loaded ONNX graph on the CPU. ``run`` may be called from several threads."""

    def __init__(self, path: Path, *, threads: int) -> None:
        self._path = path
        self._threads = max(1, threads)
        self._session: Any = None
        self._lock = threading.Lock()

    @property
    def is_loaded(self) -> bool:
        """Whether the graph is in memory already."""
        return self._session is not None

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the graph once; returns its outputs in order. Raises ``ModelError`` where it cannot be loaded or run."""
        session = self._load()
        try:
            return [np.asarray(output) for output in session.run(None, dict(feeds))]
        except Exception as error:  # the runtime's errors share no base class of their own
            raise ModelError(
                f"The model file {self._path.name} failed while running ({type(error).__name__}: {error}).",
                "Check the model with `helios models verify`, or install it again.",
            ) from error

    def close(self) -> None:
        """Free the session; the next run would load it again."""
        with self._lock:
            self._session = None

    def _load(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = _make_session(self._path, self._threads)
            return self._session


def _make_session(path: Path, threads: int) -> Any:
    import onnxruntime as ort  # a run that finds nothing to embed starts without it

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # as above
        raise ModelError(
            f"The model file {path.name} cannot be loaded ({type(error).__name__}).",
            "Check the model with `helios models verify`, or install it again.",
        ) from error
