"""What FAX.PLUS says about faxes, read leniently into plain values. What cannot be read is None, never a guess.

The vendor's texts disagree in places (`from` or `from_number`, comments as objects or as strings, numbers printed
prettily); both are read. Source: faxplus-api 3.0.5, faxplus/models; apidoc.fax.plus/concepts.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import structlog
from pydantic import AliasChoices, Field

from gateway.faxplus.exchange import parse
from gateway.faxplus.fields import (
    Amount,
    Comment,
    Count,
    Digits,
    Id,
    Lenient,
    Moment,
    Numbers,
    Text,
    Word,
    array,
    digits,
    field,
    lenient,
    usable_id,
)

log = structlog.get_logger()

Place: TypeAlias = Literal["outbox", "sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One fax as FAX.PLUS shows it."""

    id: str
    place: Place  #: where it was seen
    status: str  #: FAX.PLUS's word; `gateway.outcome` knows what it means
    token: str = ""  #: the comment: what `send` wrote there, unless somebody changed it
    from_: str = ""  #: digits only
    to: tuple[str, ...] = ()  #: digits only
    pages: int | None = None
    duration: float | None = None  #: seconds
    cost: float | None = None
    description: str = ""
    submitted_at: float | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list held."""

    records: tuple[Record, ...]
    complete: bool  #: all of it was read, so that it means something when a fax is not in it
    length: int = 0  #: records that FAX.PLUS listed, readable or not


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook named. It carries no signature: a reason to look, nothing more."""

    ids: tuple[str, ...]  #: of the session and of the attempt
    status: str = ""
    to: str = ""  #: digits only


class _Outbox(Lenient):
    id: Id
    status: Word
    comment: Comment = ""
    from_: Digits = Field("", validation_alias="src")
    to: Numbers = ()
    page_count: Count = None
    submit_time: Moment = None

    def record(self) -> Record:
        return Record(
            id=self.id,
            place="outbox",
            status=self.status,
            token=self.comment,
            from_=self.from_,
            to=self.to,
            pages=self.page_count,
            submitted_at=self.submit_time,
        )


class _Sent(Lenient):
    id: Id
    status: Word
    comment: Comment = ""
    from_: Digits = Field("", validation_alias=AliasChoices("from", "from_number"))
    to: Numbers = Field((), validation_alias=AliasChoices("to", "to_number"))
    pages: Count = None
    duration: Amount = None
    cost: Amount = None
    description: Text = ""
    submit_time: Moment = None

    def record(self) -> Record:
        return Record(
            id=self.id,
            place="sent",
            status=self.status,
            token=self.comment,
            from_=self.from_,
            to=self.to,
            pages=self.pages,
            duration=self.duration,
            cost=self.cost,
            description=self.description,
            submitted_at=self.submit_time,
        )


class _Named(Lenient):
    id: Id


class _Called(Lenient):
    event: Text = ""
    status: Text = ""
    to: Digits = Field("", validation_alias=AliasChoices("to", "to_number"))


def read_record(raw: object, place: Place) -> Record | None:
    """Read one fax; None without an id or a status."""
    read: _Outbox | _Sent | None = lenient(_Outbox, raw) if place == "outbox" else lenient(_Sent, raw)
    return read.record() if read is not None else None


def read_listing(raw: object, place: Place) -> Listing | None:
    """Read a list of faxes. One that cannot be read spoils its completeness, not the others."""
    records = array(raw, "records")
    if records is None:
        records = array(field(raw, "data"), "records")
    if records is None:
        return None
    read = [record for one in records if (record := read_record(one, place)) is not None]
    if len(read) < len(records):
        log.warning("records.unreadable", place=place, count=len(records) - len(read))
    return Listing(tuple(read), complete=len(read) == len(records), length=len(records))


def read_ids(raw: object, to: str) -> tuple[str, ...] | None:
    """Read what `send` was answered: the ids it gave, perhaps none; None when it is no answer to a send.

    The keys are numbers in unknown spelling. The request named one number, so that a single id is its id.
    """
    if not isinstance(raw, dict) or (raw.get("error") and not raw.get("ids")):
        return None
    given = raw.get("ids")
    if not isinstance(given, dict):
        return ()
    ids = {str(key): usable for key, value in given.items() if (usable := usable_id(value)) is not None}
    ours = tuple(usable for key, usable in ids.items() if digits(key) == digits(to))
    return ours or (tuple(ids.values()) if len(ids) == 1 else ())


def read_path(raw: object) -> str | None:
    """Read what an upload was answered: the document's name there."""
    path = field(raw, "path")
    return path if isinstance(path, str) and path.strip() and path.isprintable() else None


def read_id(raw: object) -> str | None:
    """Read the id in an answer."""
    return usable_id(field(raw, "id"))


def read_hint(body: bytes) -> Hint | None:
    """Read the body of a webhook; None when it names no fax that was sent."""
    try:
        raw = parse(body)
    except ValueError:
        return None
    hook, call = field(raw, "hook"), field(raw, "data")
    ids = [id_ for part in (call, hook) if (id_ := read_id(part)) is not None]
    said = lenient(_Called, call) or _Called()
    event = (lenient(_Called, hook) or _Called()).event
    if not ids or event in {"fax_received", "fax_page_received"}:
        return None
    return Hint(tuple(dict.fromkeys(ids)), said.status, said.to)
