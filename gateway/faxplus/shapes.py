"""What FAX.PLUS sends, read leniently: unknown fields are ignored, either spelling is taken, nonsense is left aside."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Place = Literal["outbox", "sent"]
TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\s*([+-]\d{4}))?")
ShapeT = TypeVar("ShapeT", bound="Shape")


def digits(number: object) -> str:
    """The digits of a number however it is printed; "" when there are none. Numbers are compared by these."""
    return "".join(re.findall(r"[0-9]", str(number or "")))


def moment(text: object) -> float | None:
    """Read `YYYY-MM-DD HH:mm:ss`, with or without an offset; without one it is UTC. None when it is neither."""
    match = TIME.match(str(text))
    if match is None:
        return None
    try:
        return datetime.strptime(f"{match[1]} {match[2] or '+0000'}", "%Y-%m-%d %H:%M:%S %z").timestamp()
    except ValueError:
        return None


def _comment_text(comment: object) -> str:
    """The comment is an object in the outbox and a string among sent faxes."""
    text = comment.get("text") if isinstance(comment, Mapping) else comment
    return text if isinstance(text, str) else ""


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _many(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]
Moment = Annotated[float | None, BeforeValidator(moment)]
Amount = Annotated[float | None, BeforeValidator(_number)]


class Shape(BaseModel):
    """What all shapes share."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class _RawRecord(Shape):
    id: str = Field(min_length=1)
    status: str
    comment: Annotated[str, BeforeValidator(_comment_text)] = ""
    to: Annotated[list[Text], BeforeValidator(_many)] = Field([], validation_alias=AliasChoices("to", "to_number"))
    pages: Amount = Field(None, validation_alias=AliasChoices("pages", "page_count"))
    duration: Amount = None
    cost: Amount = None
    description: Text = ""
    submit_time: Moment = None
    start_time: Moment = None


@dataclass(frozen=True, slots=True)
class Record:
    """One fax as FAX.PLUS shows it, in the outbox or among sent faxes."""

    id: str
    place: Place
    token: str  #: the comment's text
    to: tuple[str, ...]  #: digits only
    status: str
    pages: int | None = None
    duration: float | None = None  #: seconds
    cost: float | None = None
    description: str = ""
    submitted_at: float | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Many records. Only in a complete one does absence mean anything."""

    records: tuple[Record, ...]
    complete: bool


class Account(Shape):
    """An account (reference: Account)."""

    class History(Shape):
        """Whether finished faxes stay visible."""

        save_history: bool | None = None

    uid: Text = ""
    status: Text = ""
    account_type: Text = ""
    account_data: History = History()


class FaxNumber(Shape):
    """A number of the account (reference: Number)."""

    number: str
    status: Text = ""
    expiration_date: Moment = None
    is_canceled: bool | None = None


class Hook(Shape):
    """A registered webhook."""

    id: str
    target: Text = ""
    event: Text = ""


class Balance(Shape):
    """The account's credit."""

    amount: Amount = None
    currency: Text = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook names. Nothing else in it is believed."""

    ids: tuple[str, ...]


class _Id(Shape):
    id: Annotated[str, Field(min_length=1, max_length=200)]


class _Call(Shape):
    hook: _Id | None = None
    data: _Id | None = None


def record(raw: object, place: Place) -> Record | None:
    """Read one record; None when it has no id or no status."""
    try:
        read = _RawRecord.model_validate(raw)
    except ValidationError:
        return None
    return Record(
        id=read.id,
        place=place,
        token=read.comment,
        to=tuple(digits(number) for number in read.to),
        status=read.status,
        pages=None if read.pages is None else int(read.pages),
        duration=read.duration,
        cost=read.cost,
        description=read.description,
        submitted_at=read.submit_time if read.submit_time is not None else read.start_time,
    )


def listing(raw: Iterable[object], place: Place) -> Listing:
    """Read many records. One that cannot be read spoils none of the others, but then the list proves no absence."""
    read = [record(one, place) for one in raw]
    return Listing(tuple(one for one in read if one is not None), complete=None not in read)


def hint(body: bytes) -> Hint | None:
    """Read a webhook's body: the ids it names, or None when it is not one."""
    try:
        call = _Call.model_validate(json.loads(body))
    except (ValueError, RecursionError):
        return None
    ids = [part.id for part in (call.data, call.hook) if part is not None]
    return Hint(tuple(dict.fromkeys(ids))) if ids else None


def shape(kind: type[ShapeT], raw: Any) -> ShapeT:
    """Read an object of this kind.

    Raises:
        ValueError: it is not one.
    """
    return kind.model_validate(raw)
