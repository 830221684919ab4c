"""Who is on the line, and what one mail's envelope says so far."""

from dataclasses import dataclass, field

from gateway.config import SenderSettings
from gateway.policy import IPAddress
from gateway.smtp.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The other side of a session, as far as it is known."""

    ip: IPAddress
    name: str = ""  #: what it said in HELO or EHLO; empty before
    extended: bool = False  #: it said EHLO
    tls: str = ""  #: such as "TLSv1.3"; empty without
    user: str | None = None  #: its login, once proven
    login_helps: bool = False  #: it has not logged in, and could on this listener

    @property
    def who(self) -> str:
        """For the record: the address, and the login if there is one."""
        return f"{self.ip} as {self.user}" if self.user else str(self.ip)


@dataclass(slots=True, kw_only=True)
class Envelope:
    """One mail from MAIL to the dot."""

    client: Client
    sender: Address
    announced: int = 0  #: octets, as the client says in SIZE; 0 when it does not
    rule: SenderSettings | None = None  #: what lets it fax, once a number was accepted
    numbers: dict[str, str] = field(default_factory=dict)  #: E.164, and how the sender first wrote it
    for_operator: bool = False  #: postmaster or abuse is among the recipients
    accepted: int = 0  #: RCPT commands that got their 250
