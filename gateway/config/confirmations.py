"""What senders get back."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from gateway.config.section import Settings
from gateway.config.values import Octets, Span, Zone

LONGEST_WAIT = 4 * 3600.0


class ConfirmationSettings(Settings):
    """What senders get back, and when."""

    gather: Literal["auto", "each"] = Field(
        "auto", description='a mail to several numbers gets one confirmation for all of them; "each": one for each'
    )
    gather_for: Span = Field(1800.0, description="how long the first result waits for the others; four hours at most")
    accepted: bool = Field(default=False, description="whether senders are also told when a fax is on its way")
    receipts: bool = Field(
        default=False,
        description="whether Disposition-Notification-To gets a receipt (MDN) in place of the plain confirmation",
    )
    json_: bool = Field(default=False, alias="json", description="whether the facts are attached as JSON, for programs")
    report: bool = Field(
        default=False,
        description="whether FAX.PLUS's own report of a transmission is attached, PDF; never when discreet",
    )
    thumbnail: bool = Field(
        default=False, description="whether a small picture of the first page is shown; never when discreet"
    )
    timezone: Zone | None = Field(
        None, description='the zone in which times are told, such as "Europe/Berlin"; left out: that of the machine'
    )
    return_size: Octets = Field(
        1_000_000, description="the largest mail that is returned whole in a report, to who asks for that (RET=FULL)"
    )
    per_hour: int = Field(
        300, ge=1, le=1_000_000, description="mails to one address in an hour; what is more is told later"
    )
    templates: Path | None = Field(
        None,
        description="folder of your own templates and words: mail.txt, mail.html, en.toml; left out: ours",
    )

    @field_validator("gather_for")
    @classmethod
    def _soon(cls, span: float) -> float:
        """What is due later would be taken for scheduled by a wrong clock (`Schedule.astray_after`)."""
        if span > LONGEST_WAIT:
            raise ValueError("write a span of four hours or less: senders want to know")
        return span
