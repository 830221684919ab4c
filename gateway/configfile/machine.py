"""What only the machine can tell about a configuration: whether secrets, certificates and the state are in place."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import dns.resolver

from gateway.config import Config
from gateway.configfile.certificate import CertificateError, load_certificate
from gateway.configfile.problem import Problem, Way, place
from gateway.configfile.secretfile import SecretError, guarded, secret
from gateway.configfile.state import StateError, look_at_state

WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{22,}")
"""128 bits at least, in characters that an address may hold."""


def check(config: Config) -> list[Problem]:
    """Look at everything the configuration names. Reads files, writes none; empty when all is well."""
    document = config.model_dump(by_alias=True)
    found = [*_secrets(config), *_logins(config), *_certificates(config), *_name_servers(config), *_state(config)]
    return [Problem(place(way, document, {}), words) for way, words in found]


def _secrets(config: Config) -> Iterator[tuple[Way, str]]:
    yield from _secret(("faxplus", "token_file"), config.faxplus.token_file)
    if (oauth := config.faxplus.oauth) is not None:
        yield from _secret(("faxplus", "oauth", "client_secret_file"), oauth.client_secret_file)
        yield from _refresh_token(oauth.refresh_token_file)
    yield from _secret(
        ("webhook", "secret_file"),
        config.webhook.secret_file,
        WEBHOOK_SECRET,
        "must be 22 letters and digits or more, and hard to guess; make it with: openssl rand -hex 32",
    )
    yield from _secret(("relay", "password_file"), config.relay.password_file)
    for index, server in enumerate(config.relay.next):
        yield from _secret(("relay", "next", index, "password_file"), server.password_file)


def _secret(
    way: Way, path: Path | None, shape: re.Pattern[str] = re.compile(".*"), words: str = ""
) -> Iterator[tuple[Way, str]]:
    if path is None:
        return
    try:
        value = secret(path)
    except SecretError as error:
        yield way, str(error)
    else:
        if not shape.fullmatch(value.get_secret_value()):
            yield way, f"what {path} holds {words}"


def _refresh_token(path: Path) -> Iterator[tuple[Way, str]]:
    way = ("faxplus", "oauth", "refresh_token_file")
    yield from _secret(way, path)
    if path.exists() and not os.access(path.parent, os.W_OK):
        yield way, f"{path.parent} cannot be written, but a new refresh token must replace the old one there"


def _logins(config: Config) -> Iterator[tuple[Way, str]]:
    if config.users_file is None or not any(sender.users for sender in config.sender):
        return
    try:
        guarded(config.users_file)
    except SecretError as error:
        yield ("users_file",), f"{error}\n`fax-gateway user add` makes this file"


def _certificates(config: Config) -> Iterator[tuple[Way, str]]:
    for index, listener in enumerate(config.listener):
        if listener.certificate is None or listener.key is None:
            continue
        try:
            guarded(listener.key)
            load_certificate(listener.certificate, listener.key)
        except SecretError as error:
            yield ("listener", index, "key"), str(error)
            if not listener.certificate.exists():
                yield ("listener", index, "certificate"), f"there is no file {listener.certificate}"
        except CertificateError as error:
            yield ("listener", index, "certificate"), str(error)


def _name_servers(config: Config) -> Iterator[tuple[Way, str]]:
    if config.dns.nameservers or not any(sender.domains for sender in config.sender):
        return
    try:
        dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration:
        yield ("dns", "nameservers"), "sender rules with domains need a name server, and this machine names none"


def _state(config: Config) -> Iterator[tuple[Way, str]]:
    try:
        look_at_state(config.state, holds_database=config.database is None)
    except StateError as error:
        yield ("state",), str(error)
