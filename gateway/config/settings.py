"""Every setting, its default and its meaning. One TOML file becomes one frozen `Config`; nothing else is read.

Secrets never stand in the file: settings that end in `_file` name where they lie.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.config.values import (
    E164,
    Client,
    Country,
    Credential,
    Domain,
    HostPort,
    Mailbox,
    Octets,
    Pattern,
    Prefix,
    Span,
    Text,
    Word,
)


class Settings(BaseModel):
    """What all sections share: frozen, and a key that nobody reads is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class RelaySettings(Settings):
    """The mail server through which confirmations leave."""

    host: Text = Field("localhost", description="its name")
    port: int = Field(25, ge=1, le=65535, description="its port")
    tls: Literal["off", "starttls", "implicit"] = Field("starttls", description="how the connection is protected")
    verify: bool = Field(default=True, description="whether its certificate must be valid for its name")
    username: Text | None = Field(None, description="login, if it wants one")
    password_file: Credential | None = Field(None, description="file that holds the password")
    sender: Mailbox | None = Field(
        None, description="From address of confirmations; left out: postmaster@ the first domain"
    )
    timeout: Span = Field(60.0, description="the longest wait for one of its answers")

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file go together")
        return self


class NumberSettings(Settings):
    """How numbers are read, and which may be called."""

    country: Country = Field("US", description="how national numbers are read")
    allow: tuple[Country, ...] = Field((), description="countries that may be called; left out: only your own")
    deny: tuple[Prefix, ...] = Field(
        (), description="beginnings of numbers that are refused; premium ranges are refused anyway"
    )


class ListenerSettings(Settings):
    """One address that takes mail."""

    name: Word = Field(description="what logs call it, and the socket that systemd hands over", examples=["printers"])
    address: HostPort = Field("127.0.0.1:2525", description="address and port")
    tls: Literal["off", "starttls", "implicit"] = Field("off", description="how connections are protected")
    certificate: Credential | None = Field(None, description="the certificate chain, PEM")
    key: Credential | None = Field(None, description="its private key, PEM")

    @model_validator(mode="after")
    def _certificate_for_tls(self) -> Self:
        if self.tls != "off" and (self.certificate is None or self.key is None):
            raise ValueError(f'tls = "{self.tls}" needs a certificate and a key')
        return self


class SenderSettings(Settings):
    """Who may fax. In order: the first that fits decides; none fits: refused."""

    name: Text = Field(description="what logs and `explain` call this rule", examples=["office"])
    networks: tuple[Client, ...] = Field((), description="client addresses that need no login")
    users: tuple[Text, ...] = Field((), description="logins; see `fax-gateway user`")
    from_: tuple[Pattern, ...] = Field(
        ("*",), alias="from", description="sender addresses they may use; * stands for anything"
    )
    confirm_to: Mailbox | None = Field(
        None, description="where confirmations go in place of the sender; for devices that read no mail"
    )

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.networks and not self.users:
            raise ValueError("name networks or users: a rule without them would fit everybody")
        return self


class LimitSettings(Settings):
    """How much of everything."""

    message_size: Octets = Field(64_000_000, description="the largest mail")
    recipients: int = Field(100, ge=1, le=10_000, description="numbers in one mail")
    sessions: int = Field(200, ge=1, le=100_000, description="SMTP sessions at the same time")
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
    pause: Span = Field(
        60.0, description="how long sending rests when FAX.PLUS wants the operator: token, rights or credit"
    )


class KeepSettings(Settings):
    """What is kept after the end, and for how long."""

    documents: Span = Field(86400.0, description="the mails with their documents")
    records: Span = Field(90 * 86400.0, description="what happened to each fax")


class LogSettings(Settings):
    """One event a line, on standard error."""

    format: Literal["json", "console"] = Field("json", description="for programs or for people")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is said")


class Config(Settings):
    """The whole configuration."""

    domains: tuple[Domain, ...] = Field(
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
    numbers: NumberSettings = NumberSettings()
    listener: tuple[ListenerSettings, ...] = Field(
        min_length=1, examples=[[{"name": "printers", "address": "0.0.0.0:25"}]]
    )
    sender: tuple[SenderSettings, ...] = Field((), description="who may fax; nobody, when left out")
    limits: LimitSettings = LimitSettings()
    redial: RedialSettings = RedialSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    keep: KeepSettings = KeepSettings()
    log: LogSettings = LogSettings()

    @property
    def own_name(self) -> str:
        """The name we give ourselves in SMTP."""
        return self.hostname or self.domains[0]
