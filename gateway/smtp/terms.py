"""What a listener offers to senders beyond plain mail, at one moment: what EHLO lists, and MAIL is held against."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The limits of what MAIL may ask for. Times are seconds since the epoch, spans seconds."""

    now: float
    largest: int  #: octets of a mail
    submission: bool = (
        False  #: mail may be held back (RFC 4865) and given a time (RFC 2852): by its authors, not by relays
    )
    longest_hold: float = 0.0  #: for which a mail may be held back
    shortest_by: float = 0.0  #: which a sender must give when its fax is to be given up after it

    def keywords(self) -> list[str]:
        """The lines that EHLO lists for what MAIL and RCPT may ask for."""
        if not self.submission:
            return ["DSN"]
        until = datetime.fromtimestamp(self.now + self.longest_hold, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return ["DSN", f"FUTURERELEASE {self.longest_hold:.0f} {until}", f"DELIVERBY {self.shortest_by:.0f}"]
