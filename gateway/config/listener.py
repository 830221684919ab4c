"""Where mail comes in, and what each of these doors is like."""

from typing import Literal, Self

from pydantic import Field, model_validator

from gateway.config.section import Settings
from gateway.config.values import Client, Credential, HostPort, Span, Word


class ListenerSettings(Settings):
    """One address that takes mail."""

    name: Word = Field(description="what logs call it, and the socket that systemd hands over", examples=["printers"])
    address: HostPort = Field("127.0.0.1:2525", description="address and port")
    tls: Literal["off", "starttls", "implicit"] = Field("off", description="how connections are protected")
    certificate: Credential | None = Field(
        None, description="the certificate chain, PEM; read again when the file changes"
    )
    key: Credential | None = Field(None, description="its private key, PEM")
    networks: tuple[Client, ...] = Field(
        (), description="the only addresses that are let in here; left out: all are, and the sender rules decide"
    )
    submission: bool = Field(
        default=False, description="for authors of mail: they may ask for a time, by FUTURERELEASE and DELIVERBY"
    )
    proxy: tuple[Client, ...] = Field(
        (), description="load balancers that say by the PROXY protocol, version 1 or 2, whose connection they pass on"
    )
    greet_after: Span = Field(
        0.0,
        le=60,
        description="how long clients that are not listed wait for the greeting; who speaks before it, as programs "
        "that send spam do, is sent away",
    )
    legacy: bool = Field(
        default=False,
        description="for devices that cannot do better: TLS 1.0 and 1.1, RSA key exchange, lines that end in bare LF "
        "or CR, no or an empty greeting; needs networks",
    )
    open_login: bool = Field(
        default=False, description="whether passwords are also taken without TLS; on legacy listeners alone"
    )

    @model_validator(mode="after")
    def _certificate_for_tls(self) -> Self:
        if self.tls != "off" and (self.certificate is None or self.key is None):
            raise ValueError(f'tls = "{self.tls}" needs a certificate and a key')
        return self

    @model_validator(mode="after")
    def _legacy_for_the_listed(self) -> Self:
        if self.legacy and not self.networks:
            raise ValueError("legacy = true needs networks: what it allows is for the devices that you list, alone")
        if self.open_login and not self.legacy:
            raise ValueError("open_login = true needs legacy = true: elsewhere no password goes over an open line")
        return self
