"""What all sessions of one listener share."""

import ssl
from dataclasses import dataclass

from gateway.smtp.intake import Intake
from gateway.smtp.lobby import Lobby
from gateway.smtp.login import Logins


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One listener, as its sessions see it."""

    listener: str
    own_name: str
    starttls: ssl.SSLContext | None
    logins: Logins | None  #: None where no TLS is to be had
    intake: Intake
    lobby: Lobby
