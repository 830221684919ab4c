"""What FAX.PLUS takes in its requests: shape and spelling, strictly as documented.

Unknown fields are refused, so that a client's typing error shows here and not on a real account.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter
from pydantic import ValidationError as PydanticError

from gateway.simulator.refusal import RefusedError

NO_NUMBER = "no_number"
_NUMBER = r"\+[1-9][0-9]{4,14}"
_URL: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)


def _moment(text: str) -> str:
    try:
        datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None
    return text


def _utc(text: str) -> str:
    epoch(text)
    return text


def _address(text: str) -> str:
    _URL.validate_python(text)
    return text


def epoch(text: str) -> float:
    """Seconds since the epoch of a time as FAX.PLUS writes it, in UTC."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()


E164 = Annotated[str, StringConstraints(pattern=f"^{_NUMBER}$")]
From = Annotated[str, StringConstraints(pattern=rf"^({NO_NUMBER}|{_NUMBER}(\s*,\s*{_NUMBER})*)$")]
_DAY_AND_TIME = "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
SendTime = Annotated[str, StringConstraints(pattern=f"{_DAY_AND_TIME} [+-][0-9]{{4}}$"), AfterValidator(_moment)]
Time = Annotated[str, StringConstraints(pattern=f"{_DAY_AND_TIME}$"), AfterValidator(_utc)]
Text = Annotated[str, StringConstraints(min_length=1)]
EventType = Literal["fax_sent", "fax_received", "fax_page_received"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Comment(_Strict):
    """The comment of a new fax; later changes are plain text."""

    tags: tuple[str, ...] = ()
    text: str = ""


class Retry(_Strict):
    """How often FAX.PLUS itself dials again, and after how many seconds."""

    count: int = Field(0, ge=0, le=3)
    delay: int = Field(0, ge=0, le=30)


class Options(_Strict):
    """How a fax is to be sent."""

    enhancement: bool = True
    retry: Retry | None = None


class CoverPage(_Strict):
    """A page that goes before the files."""

    name_to: str
    name_from: str
    subject: str
    message: str = ""
    flags: tuple[Literal["urgent", "for_review", "please_reply", "confidential"], ...] = ()


class FromFax(_Strict):
    """An earlier fax whose document is sent once more; the names of its fields are a guess."""

    fax_id: str
    user_id: str = "self"


class Order(_Strict):
    """A fax to send (POST outbox)."""

    from_: From = Field(alias="from")
    to: tuple[E164, ...] = Field(min_length=1)
    files: tuple[Text, ...]
    comment: Comment = Comment()
    options: Options = Options()
    send_time: SendTime | None = None
    return_ids: bool = False
    cover_page: CoverPage | None = None
    resolution: Literal["fine", "superfine"] | None = None
    from_fax: FromFax | None = None

    @property
    def send_at(self) -> float:
        """When it is to be sent, in seconds since the epoch; without a send_time, long ago."""
        if self.send_time is None:
            return 0.0
        return datetime.strptime(self.send_time, "%Y-%m-%d %H:%M:%S %z").timestamp()

    @property
    def sources(self) -> list[str]:
        """The numbers of which one is chosen for each destination."""
        return [number.strip() for number in self.from_.split(",")]


class OutboxChange(_Strict):
    """What may change on a fax in the outbox: the comment, as plain text."""

    comment: str | None = None


class FaxChange(_Strict):
    """What may change on a fax in the archive."""

    comment: str
    is_read: bool


class HookOrder(BaseModel):
    """A webhook to register."""

    model_config = ConfigDict(frozen=True, strict=True)

    target: Annotated[str, AfterValidator(_address)]
    event: EventType
    numbers: Annotated[tuple[E164, ...], Field(min_length=1)] | None = None


class HookQuery(BaseModel):
    """Which webhooks are listed; the event must be named."""

    event: EventType


class FileQuery(BaseModel):
    """The file type that is asked for."""

    format: Literal["pdf", "tiff"] | None = None


class FaxQuery(BaseModel):
    """Which faxes of the archive are listed, and in which order."""

    category: Literal["inbox", "sent", "spam"] | None = None
    after: Time | None = None
    before: Time | None = None
    limit: int = Field(50, ge=1, le=1000)
    offset: int = Field(0, ge=0)
    sort_by: Literal["date", "from", "to", "comment", "pages"] = "date"
    order: Literal["asc", "desc"] = "desc"


Shape = TypeVar("Shape", bound=BaseModel)


def read(shape: type[Shape], content: bytes) -> Shape:
    """Read a JSON body.

    Raises:
        RefusedError: it is no JSON, or not of this shape; the description names the field.
    """
    try:
        return shape.model_validate_json(content)
    except PydanticError as error:
        raise _refusal(error) from None


def read_query(shape: type[Shape], query: dict[str, str]) -> Shape:
    """Read the query of a URL.

    Raises:
        RefusedError: a value is missing or not allowed; the description names it.
    """
    try:
        return shape.model_validate(query)
    except PydanticError as error:
        raise _refusal(error) from None


def _refusal(error: PydanticError) -> RefusedError:
    first = error.errors()[0]
    place = ".".join(str(step) for step in first["loc"]) or "body"
    return RefusedError("validation_error", f"{place}: {first['msg']}")
