"""How the simulated FAX.PLUS behaves: gentle by default, and every nuisance that the real one may have is a setting."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0, le=1)]


def _in_order(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] > span[1]:
        raise ValueError("the shortest must not be longer than the longest")
    return span


Span = Annotated[tuple[Seconds, Seconds], AfterValidator(_in_order)]
"""Shortest and longest, in seconds; each time something between the two is drawn."""


class SimulatorSettings(BaseModel):
    """Everything about the account and the platform that can differ."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: str | None = Field(None, description="the only bearer token that is let in; None: any")
    uid: str = Field("51a7e000000000000000000000000001", description="the id of the account's user")
    numbers: tuple[str, ...] = Field(("+12025550100",), description="the account's numbers, the only ones to send from")
    save_history: bool = Field(default=True, description="whether sent faxes are kept in the archive")
    balance: float = Field(1_000_000.0, description="credit before the first fax, a page costs 1; used up, faxes fail")
    default_retry_count: int = Field(0, ge=0, le=3, description="retries of a fax that came without options.retry")
    default_retry_delay: int = Field(0, ge=0, le=30, description="seconds between the retries of such a fax")

    speed: float = Field(1.0, gt=0, description="converting, transmitting and waiting to retry go so much faster")
    seconds_to_convert: Seconds = Field(5.0, description="from accepting a fax to its first dialling")
    seconds_per_page: Seconds = Field(45.0, description="on the line, beside the setting up of the call")
    visibility_lag: Span = Field((0.0, 0.0), description="time for which a new fax is neither listed nor found")
    archive_lag: Span = Field((0.0, 0.0), description="time between leaving the outbox and appearing in the archive")
    ids: Literal["equal", "differ"] = Field(
        "equal", description="whether the id that sending returns is also the id of the fax in the archive"
    )
    comment_kept: bool = Field(
        default=True, description="whether the fax in the archive repeats the text of the comment"
    )
    number_keys: Literal["from", "from_number"] = Field(
        "from", description="how numbers are called: from and to, or from_number and (in webhooks) to_number"
    )
    upload_lifetime: Seconds = Field(86_400.0, description="time after which an upload cannot be sent any more")
    upload_loss: Probability = Field(0.0, description="how likely an upload is gone at once")
    size_limit: int = Field(150 * 1024 * 1024, ge=0, description="octets of all files of one fax")

    webhook_delay: Span = Field((0.0, 0.0), description="time from an event to its webhook")
    webhook_loss: Probability = Field(0.0, description="how likely a webhook is never sent")
    webhook_duplicates: Probability = Field(0.0, description="how likely a webhook is sent twice")
    webhook_reorder: Probability = Field(0.0, description="how likely a webhook is overtaken by later ones")
    webhook_overtaken_by: Seconds = Field(120.0, description="how long an overtaken webhook is held back")
    webhook_on_failure: bool = Field(default=True, description="whether failed faxes are told; the documents disagree")
    pretty_numbers: bool = Field(default=True, description="whether webhooks write numbers as +1 202-555-0100")
