"""TLS of listeners: what they speak, how a renewed certificate comes into use without a restart, how much is read."""

import asyncio
import ssl
from asyncio.sslproto import SSLProtocol
from pathlib import Path
from typing import cast

import structlog

from gateway.config import ListenerSettings

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secrecy and authenticated encryption alone. TLS 1.3 has nothing else (RFC 9325 section 4.2)."""

LEGACY_CIPHERS = "DEFAULT:@SECLEVEL=0"
"""Of old devices: also RSA key exchange, CBC and SHA-1. TLS 1.0 and 1.1 need level 0 in OpenSSL 3."""

TLS_PIECE = 64 * 1024
"""Octets that a TLS layer reads at once, and holds for a session that is stopped: a quarter of what is usual."""

log = structlog.get_logger()

Stamp = tuple[tuple[int, int, int], ...]


class Certificate:
    """A listener's certificate and key, as they are on disk at the moment.

    The files are looked at before each handshake: nobody has to tell us when they change, and looking costs
    microseconds. What is renewed is loaded beside what is in use, and takes its place once it is whole.
    """

    def __init__(self, listener: ListenerSettings, chain: Path, key: Path) -> None:
        """Load it.

        Raises:
            OSError: it cannot be used. ssl.SSLError is one of them.
        """
        self._listener = listener
        self._files = (chain, key)
        self._seen = self._stamp()
        self._context = self._load()

    def context(self) -> ssl.SSLContext:
        """Return what to shake hands with."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._renew()
        return self._context

    def _renew(self) -> None:
        """Take what is there now; when it cannot serve go on with the old one."""
        try:
            self._context = self._load()
        except OSError as error:
            why = error.strerror or str(error)
            log.error("certificate.kept", listener=self._listener.name, why=why)  # noqa: TRY400  # no bug of ours
        else:
            log.info("certificate.loaded", listener=self._listener.name)

    def _stamp(self) -> Stamp:
        """Return what tells one state of the files from another; nothing when they cannot be looked at."""
        try:
            found = [file.stat() for file in self._files]
        except OSError:
            return ()
        return tuple((status.st_mtime_ns, status.st_size, status.st_ino) for status in found)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self._listener.legacy:
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.set_ciphers(LEGACY_CIPHERS)
        else:
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(CIPHERS)
        context.load_cert_chain(*self._files, password="")  # a key with a passphrase is an error, not a question
        return context


class TlsLayer(SSLProtocol):
    """asyncio's TLS, with a smaller appetite, and with room for what was read before it was there."""

    max_size = TLS_PIECE

    @property
    def app_transport(self) -> asyncio.Transport:
        """What the session writes to and stops."""
        return cast("asyncio.Transport", self._app_transport)

    def feed(self, octets: bytes) -> None:
        """Take what was read already."""
        while octets:
            room = self.get_buffer(len(octets))
            taken = min(len(room), len(octets))
            room[:taken] = octets[:taken]
            self.buffer_updated(taken)
            octets = octets[taken:]
