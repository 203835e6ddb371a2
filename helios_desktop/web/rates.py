"""How often one client may ask: a bucket of tokens for each client and kind of request (RFC 2697's idea, without colours)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_CLIENTS = 4096


class Rate:
    """One kind of request: ``burst`` at once, then ``rate`` a second and client. Belongs to one thread."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, client: str) -> float:
        """Count a request; 0 where it may be answered, else how long to wait (and it does not count)."""
        now = self._clock()
        left, then = self._left.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        wait = 0.0 if left >= 1.0 else (1.0 - left) / self._rate
        self._left[client] = (left if wait else left - 1.0, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)  # the one that asked longest ago
        return wait
