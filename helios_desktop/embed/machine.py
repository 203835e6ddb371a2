"""What this computer can do: in comes nothing or ten seconds of its time, out come cores, memory, a GPU and a speed.

The speed is that of ViT-B/32 in fp32 on all cores, in pictures a second: a picture costs 8.8 GFLOP (open_clip's
``model_profile.csv``), nearly all of it in matrix products of the sizes that are run here.
"""

from __future__ import annotations

import os
import platform
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

REFERENCE_GFLOP = 8.82
ASSUMED_PER_CORE = 10.0
"""Pictures a second on one core, where nothing was measured: about what cores of the last five years do."""
MEASURE_SECONDS = 10.0
_TOKENS, _WIDTH, _HIDDEN = 400, 768, 3072  # eight pictures of 50 tokens through the widest layer of a ViT-B


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A computer. ``gpu``: what it is called, empty where there is none that PyTorch could use."""

    cores: int
    memory_bytes: int
    gpu: str
    reference_pictures_per_second: float
    is_measured: bool = False


def this_machine() -> Machine:
    """Look at this computer, without running anything on it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(
        cores=cores,
        memory_bytes=int(psutil.virtual_memory().total),
        gpu=_gpu(),
        reference_pictures_per_second=ASSUMED_PER_CORE * cores,
    )


def measured(machine: Machine, seconds: float = MEASURE_SECONDS) -> Machine:
    """Run matrix products like a model's for so many seconds; the best second counts, since others may be at work too."""
    import numpy as np

    random = np.random.default_rng(0)
    rows = random.standard_normal((_TOKENS, _WIDTH), np.float32)
    wide = random.standard_normal((_WIDTH, _HIDDEN), np.float32)
    gflop = 2 * _TOKENS * _WIDTH * _HIDDEN / 1e9
    best = 0.0
    ends = time.perf_counter() + seconds
    while (started := time.perf_counter()) < ends:
        runs = 0
        until = min(started + 1.0, ends)
        while time.perf_counter() < until:
            rows @ wide
            runs += 1
        best = max(best, runs * gflop / (time.perf_counter() - started))
    return replace(machine, reference_pictures_per_second=best / REFERENCE_GFLOP, is_measured=True)


def _gpu() -> str:
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        return "an NVIDIA GPU"
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "an Apple GPU"
    return ""
