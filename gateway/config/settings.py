"""Every setting, its default and its meaning. One TOML file becomes one frozen `Config`; nothing else is read.

Secrets never stand in the file: settings that end in `_file` name where they lie.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from gateway.config.confirmations import ConfirmationSettings
from gateway.config.dns import DnsSettings
from gateway.config.documents import DocumentSettings
from gateway.config.listener import ListenerSettings
from gateway.config.number import NumberSettings
from gateway.config.quota import QuotaSettings
from gateway.config.relay import RelaySettings
from gateway.config.section import Settings
from gateway.config.sender import SenderSettings
from gateway.config.spend import SpendSettings
from gateway.config.values import (
    E164,
    Credential,
    Domain,
    HostPort,
    Mailbox,
    MailDomain,
    Octets,
    Span,
    Text,
)


class OAuthSettings(Settings):
    """OAuth2 in place of a personal access token (FAX.PLUS: concepts/authentication)."""

    client_id: Text = Field(description="the client id that FAX.PLUS gave you", examples=["fax-gateway"])
    client_secret_file: Credential = Field(
        description="file that holds the client secret", examples=["/etc/fax-gateway/faxplus.client-secret"]
    )
    refresh_token_file: Path = Field(
        description="file that holds the refresh token; rewritten when FAX.PLUS gives a new one",
        examples=["/var/lib/fax-gateway/faxplus.refresh-token"],
    )
    token_url: Text = Field("https://accounts.fax.plus/token", description="where tokens are refreshed")


class FaxPlusSettings(Settings):
    """The account at FAX.PLUS."""

    token_file: Credential | None = Field(None, description="file that holds the personal access token")
    oauth: OAuthSettings | None = Field(None, description="OAuth2, in place of token_file")
    from_: E164 = Field(
        alias="from", description="the number that faxes are sent from; one of yours", examples=["+12025550100"]
    )
    base_url: Text = Field("https://restapi.fax.plus/v3", description="the API; for a dry run, the simulator's")
    account: Text = Field(
        "self", description="whose account: your own, or the uid of a member (needs an admin's token)"
    )
    request_timeout: Span = Field(
        30.0, description="the longest that one request may take; an upload may take ten times as long"
    )
    at_once: int = Field(4, ge=1, le=64, description="requests to FAX.PLUS at the same time")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.token_file is None) == (self.oauth is None):
            raise ValueError("name token_file or the oauth section: one of the two")
        return self


class WebhookSettings(Settings):
    """Where FAX.PLUS calls us, and where health is asked."""

    listen: HostPort = Field("127.0.0.1:8025", description="address and port to listen on")
    public_url: Text | None = Field(None, description="how FAX.PLUS reaches it; left out: polling alone does the work")
    secret_file: Credential | None = Field(None, description="file that holds the secret part of the webhook's address")

    @model_validator(mode="after")
    def _secret_for_the_public(self) -> Self:
        if self.public_url is not None and self.secret_file is None:
            raise ValueError("a public_url needs a secret_file")
        return self


class LimitSettings(Settings):
    """How much of everything."""

    message_size: Octets = Field(64_000_000, description="the largest mail")
    recipients: int = Field(100, ge=1, le=10_000, description="numbers in one mail")
    sessions: int = Field(
        1000, ge=1, le=100_000, description="SMTP sessions at the same time; a tenth is kept for listed networks"
    )
    sessions_per_address: int = Field(
        20,
        ge=1,
        le=100_000,
        description="of these from one address that is not listed; a listed one may have half",
    )
    sessions_per_network: int = Field(
        60, ge=1, le=100_000, description="of these from one /24, or /64 of IPv6, of addresses that are not listed"
    )
    connections: int = Field(
        60, ge=1, le=100_000, description="new connections a minute from an address that is not listed"
    )
    in_flight: Octets = Field(
        64_000_000, description="mail on its way from the wire to the disk, in all sessions together"
    )
    queued: int = Field(
        10_000, ge=1, le=10_000_000, description="faxes that wait to be sent; while there are more, no mail is taken"
    )
    reserve: Octets = Field(
        200_000_000, description="room on the disk of `state` that is left to the database; no mail is taken into it"
    )
    repeat_window: Span = Field(
        3600.0, description='the same sender, number and documents again within this time are one fax; "0s": never'
    )
    pages: int = Field(200, ge=1, le=10_000, description="pages in one document")
    inspection: Span = Field(20.0, description="the longest that opening one document may take")
    inspection_memory: Octets = Field(1_000_000_000, description="the most memory that opening one document may take")


class RedialSettings(Settings):
    """Busy, no answer and passing network failures are dialled again."""

    after: tuple[Span, ...] = Field(
        (120.0, 600.0), description="the wait before each further dialling; empty: dial once"
    )


class ScheduleSettings(Settings):
    """When we ask, look and give up. The defaults suit a real account."""

    retry_after: tuple[Span, ...] = Field(
        (10.0, 30.0, 60.0, 120.0, 300.0, 600.0),
        min_length=1,
        description="waits while FAX.PLUS takes nothing; the last repeats",
    )
    ask_after: tuple[Span, ...] = Field(
        (60.0, 60.0, 60.0, 120.0, 300.0, 600.0),
        min_length=1,
        description="waits between questions about a fax; the last repeats",
    )
    quarantine: Span = Field(120.0, description="how long a lost answer rests before we look for its fax")
    look_again: Span = Field(60.0, description="the wait between two such looks")
    looks: int = Field(2, ge=2, le=100, description="complete looks without a sight that prove a fax never arrived")
    notice_after: tuple[Span, ...] = Field(
        (30.0, 120.0, 600.0, 1800.0, 3600.0),
        min_length=1,
        description="waits while the relay takes nothing; the last repeats",
    )
    notice_give_up: Span = Field(5 * 86400.0, description="when a confirmation that cannot be handed over is given up")
    late: Span = Field(3600.0, description="when the sender of a fax that has not ended is told so, once")
    give_up: Span = Field(86400.0, description="when a fax that does not end is given up")
    hold: Span = Field(30 * 86400.0, description="the longest that a sender may hold a fax back (FUTURERELEASE)")
    by: Span = Field(
        300.0, description="the least time that a sender must give who has a fax given up after it (DELIVERBY)"
    )
    pause: Span = Field(
        60.0, description="how long sending rests when FAX.PLUS wants the operator: token, rights or credit"
    )


class KeepSettings(Settings):
    """What is kept after the end, and for how long."""

    documents: Span = Field(86400.0, description="the mails with their documents")
    records: Span = Field(90 * 86400.0, description="what happened to each fax")
    pieces: Span = Field(
        86400.0, description="the pieces of a mail that was split by size, while the next one stays away"
    )


class LogSettings(Settings):
    """One event a line, on standard error."""

    format: Literal["json", "console"] = Field("json", description="for programs or for people")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is said")


class Config(Settings):
    """The whole configuration."""

    domains: tuple[MailDomain, ...] = Field(
        ("fax.local",), min_length=1, description="mail to <number>@ any of these becomes a fax"
    )
    hostname: Domain | None = Field(
        None, description="how the gateway introduces itself in SMTP; left out: the first domain"
    )
    operator: Mailbox = Field(description="hears about trouble, gets mail to postmaster@", examples=["it@example.org"])
    state: Path = Field(Path("/var/lib/fax-gateway"), description="directory of the database and of accepted mail")
    database: Text | None = Field(None, description="postgresql://...; left out: an SQLite file in `state`")
    users_file: Credential | None = Field(
        None, description="logins and their argon2 hashes; written by `fax-gateway user`"
    )
    faxplus: FaxPlusSettings = Field(
        examples=[{"token_file": "/etc/fax-gateway/faxplus.token", "from": "+12025550100"}]
    )
    webhook: WebhookSettings = WebhookSettings()
    relay: RelaySettings = RelaySettings()
    confirmations: ConfirmationSettings = ConfirmationSettings()
    numbers: NumberSettings = NumberSettings()
    listener: tuple[ListenerSettings, ...] = Field(
        min_length=1, examples=[[{"name": "printers", "address": "0.0.0.0:25"}]]
    )
    sender: tuple[SenderSettings, ...] = Field((), description="who may fax; nobody, when left out")
    dns: DnsSettings = DnsSettings()
    quota: QuotaSettings = QuotaSettings()
    spend: SpendSettings = SpendSettings()
    documents: DocumentSettings = DocumentSettings()
    limits: LimitSettings = LimitSettings()
    redial: RedialSettings = RedialSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    keep: KeepSettings = KeepSettings()
    log: LogSettings = LogSettings()

    @property
    def own_name(self) -> str:
        """The name we give ourselves in SMTP."""
        return self.hostname or self.domains[0]
