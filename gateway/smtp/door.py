"""What all sessions of one listener share."""

from dataclasses import dataclass

from gateway.config import ListenerSettings
from gateway.policy import IPAddress
from gateway.smtp.conversation import Offer
from gateway.smtp.intake import Intake
from gateway.smtp.lobby import Lobby
from gateway.smtp.login import Logins
from gateway.smtp.reservoir import Reservoir
from gateway.smtp.tls import Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One listener, as its sessions see it."""

    settings: ListenerSettings
    own_name: str
    certificate: Certificate | None  #: None where no TLS is to be had
    logins: Logins | None  #: None where nobody can log in
    intake: Intake
    lobby: Lobby
    reservoir: Reservoir
    most_recipients: int  #: that one mail may have

    @property
    def listener(self) -> str:
        """Its name, for the record."""
        return self.settings.name

    @property
    def implicit(self) -> Certificate | None:
        """What protects connections from their first octet; None where that is not done."""
        return self.certificate if self.settings.tls == "implicit" else None

    @property
    def offer(self) -> Offer:
        """What it offers beside plain SMTP."""
        return Offer(
            own_name=self.own_name,
            starttls=self.settings.tls == "starttls",
            logins=self.logins,
            submission=self.settings.submission,
            legacy=self.settings.legacy,
            open_login=self.settings.open_login,
        )

    def passes_on(self, peer: IPAddress) -> bool:
        """Whether this is a load balancer, which tells first whose connection it passes on."""
        return any(peer in network for network in self.settings.proxy)

    def lets_in(self, ip: IPAddress) -> bool:
        """Whether it is there for this address."""
        return not self.settings.networks or any(ip in network for network in self.settings.networks)
