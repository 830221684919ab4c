"""Single values as FAX.PLUS writes them, read leniently: what is odd becomes "not said", never an error.

Only where nothing can be done without a value, an odd one is an error of its record (`Id`, `Word`).
"""

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

LONGEST_ID = 200
LONGEST_TEXT = 500
MOST = 1e9
"""Of pages, seconds and money; what is more is nonsense, and would not fit the database."""
MOST_DIGITS = 30
"""Of an id or a number that is written as a number."""


class Lenient(BaseModel):
    """A record of FAX.PLUS: unknown keys are ignored, and null is the same as left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, raw: Any) -> Any:
        return {key: value for key, value in raw.items() if value is not None} if isinstance(raw, dict) else raw


L = TypeVar("L", bound=Lenient)


def lenient(shape: type[L], raw: object) -> L | None:
    """Read a record; None when what it cannot do without is missing."""
    try:
        return shape.model_validate(raw)
    except ValidationError:
        return None


def field(raw: object, key: str) -> object:
    """What stands under a key, if there is one."""
    return raw.get(key) if isinstance(raw, dict) else None


def array(raw: object, key: str) -> list[object] | None:
    """The list that stands under a key, if there is one."""
    found = field(raw, key)
    return found if isinstance(found, list) else None


def digits(number: object) -> str:
    """Leave the digits of a number, however it is printed. Of a number that is none, nothing may be left."""
    return re.sub("[^0-9]", "", _written(number))


def moment(value: object) -> float | None:
    """Read a time as seconds since the epoch. Without a zone it is UTC (reference: section 1)."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d)", "", value.strip()))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def usable_id(value: object) -> str | None:
    """Take an id as it is, if it can stand in an address and in a database."""
    text = _written(value)
    usable = text.isprintable() and not any(map(str.isspace, text)) and text.strip(".") and len(text) <= LONGEST_ID
    return text if usable else None


def _written(value: object) -> str:
    """Take text as it is, and a whole number as it is written; Python writes no numbers of any length."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**MOST_DIGITS else ""
    return value if isinstance(value, str) else ""


def _id(value: object) -> str:
    text = usable_id(value)
    if text is None:
        raise ValueError("not an id")
    return text


def _text(value: object) -> str:
    """Text without what a database or a line of a log cannot hold."""
    if not isinstance(value, str):
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in value.strip()[:LONGEST_TEXT]).strip()


def _word(value: str) -> str:
    if not value:
        raise ValueError("no word")
    return value


def _amount(value: object) -> float | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        amount = float(value)
    except (ValueError, OverflowError):
        return None
    return amount if math.isfinite(amount) and 0 <= amount < MOST else None


def _count(value: object) -> int | None:
    amount = _amount(value)
    return None if amount is None else int(amount)


def _numbers(value: object) -> tuple[str, ...]:
    return tuple(map(digits, value)) if isinstance(value, list) else (digits(value),)


def _comment(value: object) -> str:
    """Find our token: in the outbox a comment is an object, in the sent faxes a string."""
    if not isinstance(value, dict):
        return _text(value)
    tags = value.get("tags")
    return _text(value.get("text")) or (_text(tags[0]) if isinstance(tags, list) and tags else "")


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


Id = Annotated[str, BeforeValidator(_id)]
Text = Annotated[str, BeforeValidator(_text)]
Word = Annotated[Text, AfterValidator(_word)]
Comment = Annotated[str, BeforeValidator(_comment)]
Digits = Annotated[str, BeforeValidator(digits)]
Numbers = Annotated[tuple[str, ...], BeforeValidator(_numbers)]
Amount = Annotated[float | None, BeforeValidator(_amount)]
Count = Annotated[int | None, BeforeValidator(_count)]
Moment = Annotated[float | None, BeforeValidator(moment)]
Truth = Annotated[bool | None, BeforeValidator(_truth)]
