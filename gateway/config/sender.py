"""Who may fax."""

from typing import Literal, Self

from pydantic import Field, model_validator

from gateway.config.quota import Quota
from gateway.config.section import Settings
from gateway.config.values import E164, Client, Destination, Domain, Mailbox, Pattern, Prefix, Text, Zone


class Rule(Settings):
    """Who it lets in, where they may fax to, and how they are answered."""

    name: Text = Field(description="what logs and `explain` call this rule", examples=["office"])
    networks: tuple[Client, ...] = Field((), description="client addresses that need no login")
    users: tuple[Text, ...] = Field((), description="logins; see `fax-gateway user`")
    domains: tuple[Domain, ...] = Field(
        (),
        description="domains whose own mail needs no login: SPF or a DKIM signature must show that it is theirs; "
        "those beneath them are named on their own",
    )
    from_: tuple[Pattern, ...] = Field(
        ("*",), alias="from", description="sender addresses they may use; * stands for anything"
    )
    confirm_to: Mailbox | None = Field(
        None, description="where confirmations go in place of the sender; for devices that read no mail"
    )
    confirm_machines: bool = Field(
        default=False, description="whether machines that mark their mail as automatic hear of success too"
    )
    number: E164 | None = Field(
        None, description="the number that their faxes are sent from, one of yours; left out: faxplus.from"
    )
    allow: tuple[Destination, ...] = Field(
        (), description="countries and beginnings of numbers that they may call, in place of numbers.allow"
    )
    deny: tuple[Prefix, ...] = Field((), description="beginnings of numbers that they may not call either")
    language: Literal["en", "de", "fr", "es"] = Field("en", description="the language of their confirmations")
    timezone: Zone | None = Field(None, description="the zone of their times; left out: confirmations.timezone")
    discreet: bool = Field(
        default=False, description="their confirmations name neither subject nor files, nor the whole number"
    )

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.networks and not self.users and not self.domains:
            raise ValueError("name networks, users or domains: a rule without them would fit everybody")
        return self


class SenderSettings(Quota, Rule):
    """Who may fax. In order: the first that fits decides; none fits: refused."""
