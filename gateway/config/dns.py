"""How names are looked up."""

from pydantic import Field, field_validator

from gateway.config.section import Settings
from gateway.config.values import Nameserver, Span, span

LONGEST = 30.0
"""Seconds. A mail server waits for minutes, but nobody should be able to keep us busy for as long."""


class DnsSettings(Settings):
    """How names are looked up: for sender rules with `domains`. Without such a rule, nothing is."""

    nameservers: tuple[Nameserver, ...] = Field(
        (), description="whom to ask; left out: those of this machine, in /etc/resolv.conf"
    )
    timeout: Span = Field(
        10.0, description="the longest that all look-ups for SPF, or for the signatures of one mail, may take together"
    )

    @field_validator("timeout")
    @classmethod
    def _bounded(cls, seconds: float) -> float:
        if not 0 < seconds <= LONGEST:
            raise ValueError(f'write a span of time of "{span(LONGEST)}" or less')
        return seconds
