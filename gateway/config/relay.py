"""The mail servers through which confirmations leave."""

from typing import Literal, Self

from pydantic import Field, model_validator

from gateway.config.section import Settings
from gateway.config.values import Credential, Mailbox, Span, Text


class ServerSettings(Settings):
    """A mail server that takes our mail."""

    host: Text = Field("localhost", description="its name")
    port: int = Field(25, ge=1, le=65535, description="its port")
    tls: Literal["off", "starttls", "implicit"] = Field("starttls", description="how the connection is protected")
    verify: bool = Field(default=True, description="whether its certificate must be valid for its name")
    username: Text | None = Field(None, description="login, if it wants one")
    password_file: Credential | None = Field(None, description="file that holds the password")

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file go together")
        return self


class NextRelaySettings(ServerSettings):
    """Further mail servers, in order: each is asked when those before it cannot be reached, or take no mail now."""

    host: Text = Field(description="its name", examples=["mail2.example.org"])


class RelaySettings(ServerSettings):
    """The mail server through which confirmations leave."""

    sender: Mailbox | None = Field(
        None, description="From address of confirmations; left out: postmaster@ the first domain"
    )
    timeout: Span = Field(60.0, description="the longest wait for one answer of a mail server")
    next: tuple[NextRelaySettings, ...] = Field((), description="further mail servers, in order")

    @property
    def servers(self) -> tuple[ServerSettings, ...]:
        """All of them, in the order in which they are asked."""
        return self, *self.next
