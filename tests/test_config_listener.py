"""Listeners: what belongs together, and what is only allowed for those who are named."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config import ListenerSettings

TLS = {"certificate": "/etc/fax-gateway/tls.crt", "key": "/etc/fax-gateway/tls.key"}
HERE = ["192.0.2.17"]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tls": "implicit", **TLS, "proxy": ["192.0.2.1", "2001:db8::/64"]},
        {"tls": "starttls", **TLS, "submission": True},
        {"legacy": True, "networks": HERE},
        {"legacy": True, "networks": HERE, "open_login": True, "tls": "starttls", **TLS},
    ],
)
def test_characters(settings: dict[str, Any]) -> None:
    """Each of these is a listener."""

    assert "printers" == ListenerSettings.model_validate({"name": "printers", **settings}).name


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"tls": "starttls"}, 'tls = "starttls" needs a certificate and a key'),
        ({"legacy": True}, "legacy = true needs networks"),
        ({"open_login": True}, "open_login = true needs legacy = true"),
        ({"open_login": True, "networks": HERE}, "open_login = true needs legacy = true"),
    ],
)
def test_contradictions(settings: dict[str, Any], words: str) -> None:
    """What old devices need is never granted to everybody."""
    with pytest.raises(ValidationError, match=words):
        ListenerSettings.model_validate({"name": "printers", **settings})


def test_nothing_is_loosened_by_default() -> None:
    """Who writes nothing gets nothing that is weak."""
    settings = ListenerSettings.model_validate({"name": "printers"})

    assert (False, False, (), ()) == (settings.legacy, settings.open_login, settings.proxy, settings.networks)
