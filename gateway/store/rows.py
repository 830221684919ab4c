"""Rows of the tables to values of the house, and back."""

from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import RowMapping

from gateway.event import AnyEvent
from gateway.fax import Change, Fax, Recipient, State
from gateway.submission import Document, Kind, Notice, NoticeKind

T = TypeVar("T")


def first_row(fax: Fax) -> dict[str, Any]:
    """The row of history that a fax begins with."""
    return _row(fax, "Queued", fax.created_at)


def change_row(before: Fax, after: Fax, event: AnyEvent, now: float) -> dict[str, Any]:
    """The row of history that says what happened to a fax: to which dialling, with which word of FAX.PLUS."""
    said = {"attempt": before.attempt, "status": getattr(event, "status", after.status if after.final else "")}
    return _row(after, type(event).__name__, now) | said


def _row(fax: Fax, event: str, now: float) -> dict[str, Any]:
    facts = {name: getattr(fax, name) for name in ("version", "state", "attempt", "status", "reason")}
    return {"fax_id": fax.id, "at": now, "event": event, **facts}


def to_fax(row: RowMapping) -> Fax:
    """A row of `faxes` as a fax."""
    written = tuple(Recipient(**one) for one in row["written"])
    remote_ids = tuple(row["remote_ids"])
    return replace(to_value(Fax, row), state=State(row["state"]), remote_ids=remote_ids, written=written)


def to_change(row: RowMapping) -> Change:
    """A row of `changes` as a piece of history."""
    return replace(to_value(Change, row), state=State(row["state"]))


def to_document(row: RowMapping) -> Document:
    """A row of `documents` as a document."""
    return replace(to_value(Document, row), kind=Kind(row["kind"]))


def to_notice(row: RowMapping) -> Notice:
    """A row of `notices` as a notice."""
    return replace(to_value(Notice, row), kind=NoticeKind(row["kind"]))


def to_value(shape: type[T], row: RowMapping) -> T:
    """Make a value from the columns that bear its fields' names."""
    fields: dict[str, object] = shape.__dataclass_fields__  # type: ignore[attr-defined]  # T is always one of ours
    return shape(**{name: row[name] for name in fields if name in row})
