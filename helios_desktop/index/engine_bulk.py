"""Lines of a bulk request -> what became of each document.

A bulk request answers 200 even where single documents failed; each is judged on its own. A lost answer is not a lost write:
ids are deterministic and versions make older writes lose, so that sending twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from helios_desktop.index.engine_base import Engine
from helios_desktop.index.engine_connection import REQUEST_SECONDS
from helios_desktop.index.engine_errors import EngineError, EngineFault, answered, fault_of

_ITEM_FIELDS = "errors,items.*._id,items.*.status,items.*.error.type,items.*.error.reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One document that the engine will never take, and why."""

    document_id: str
    reason: str


@dataclass(slots=True)
class BulkOutcome:
    """What one request did. ``again``: positions of the lines to send once more; ``fault``: why, the most serious one."""

    done: int = 0
    again: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    fault: EngineError | None = None


def send_bulk(engine: Engine, target: str, lines: Sequence[bytes]) -> BulkOutcome:
    """Send the lines (each with its action) to the alias ``target`` and judge each document's answer.

    A request that is too large is halved until it fits. Raises ``EngineError`` where the whole request failed otherwise.
    """
    if not lines:
        return BulkOutcome()
    params = {"require_alias": "true", "filter_path": _ITEM_FIELDS}
    try:
        told = engine.request(
            "POST", f"/{target}/_bulk", params=params, body=b"".join(lines), is_lines=True, timeout_seconds=REQUEST_SECONDS
        )
    except EngineError as error:
        if error.fault is not EngineFault.TOO_LARGE:
            raise
        return _halved(engine, target, lines, error)
    if not told.get("errors"):
        return BulkOutcome(done=len(lines))
    return _judged(engine.where, told.get("items", []), len(lines))


def _halved(engine: Engine, target: str, lines: Sequence[bytes], error: EngineError) -> BulkOutcome:
    if len(lines) == 1:
        return BulkOutcome(refused=[Refusal(document_id="", reason=f"{error.message} ({len(lines[0]):,} bytes)")])
    middle = len(lines) // 2
    first, second = send_bulk(engine, target, lines[:middle]), send_bulk(engine, target, lines[middle:])
    return BulkOutcome(
        done=first.done + second.done,
        again=[*first.again, *(middle + place for place in second.again)],
        refused=first.refused + second.refused,
        fault=first.fault or second.fault,
    )


def _judged(where: str, items: list[dict[str, Any]], count: int) -> BulkOutcome:
    outcome = BulkOutcome()
    if len(items) != count:  # half an answer: which half is not said, so all is sent again
        outcome.again = list(range(count))
        outcome.fault = answered(where, 503, "", f"{len(items)} answers for {count} documents")
        return outcome
    for place, item in enumerate(items):
        (action, told), *_ = item.items()
        status = int(told.get("status", 500))
        if _is_done(action, status, told):
            outcome.done += 1
            continue
        error = told.get("error") or {}
        kind, reason = str(error.get("type", "")), str(error.get("reason", ""))
        fault = fault_of(status, kind, reason)
        if fault is EngineFault.REFUSED or fault is EngineFault.TOO_LARGE:
            outcome.refused.append(Refusal(document_id=str(told.get("_id", "")), reason=f"{kind}: {reason}"[:500]))
            continue
        outcome.again.append(place)
        if outcome.fault is None or (outcome.fault.fault.is_passing and not fault.is_passing):
            outcome.fault = answered(where, status, kind, reason)
    return outcome


def _is_done(action: str, status: int, told: dict[str, Any]) -> bool:
    if 200 <= status < 300:
        return True
    if status == 409:  # a newer version of this document is there already
        return True
    return action == "delete" and status == 404 and not told.get("error")
