"""A decode worker that misbehaves over files that ask for it by name; everything else it does as the real one does.

Run as a script: ``python faulty_worker.py FOLDER``. Each misbehaviour leaves a mark in FOLDER, so that tests can count them.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from helios_desktop.decode import worker
from helios_desktop.decode.protocol import Answer, Question

real_answer = worker.answer


def answer(question: Question) -> Answer:
    name = os.path.basename(question.path).decode()
    marks = Path(sys.argv[1])
    earlier = len(list(marks.glob(f"{name}-*")))
    (marks / f"{name}-{earlier}-{os.getpid()}").touch()
    if "once" in name and earlier:
        return real_answer(question)
    if "segfault" in name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "killed" in name:
        os.kill(os.getpid(), signal.SIGKILL)
    if "memory" in name:
        raise MemoryError
    if "hang" in name:
        time.sleep(600)
    if "spin" in name:
        while True:
            pass
    if "defect" in name:
        raise ZeroDivisionError("ours")
    if "nonsense" in name:
        os.write(4, b"\xff" * 4096)
    return real_answer(question)


worker.answer = answer
sys.exit(worker.main())
