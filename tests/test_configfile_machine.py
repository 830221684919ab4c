"""The look at the machine, beyond what the gallery shows."""

from functools import partial
from pathlib import Path
from typing import Any

import dns.resolver
import pytest

from gateway.config import Config
from gateway.configfile import check


@pytest.fixture
def oauth(tmp_path: Path) -> dict[str, Any]:
    """A good configuration with OAuth2."""
    for name in ("client.secret", "refresh.token"):
        (tmp_path / name).write_text("hush")
        (tmp_path / name).chmod(0o600)
    return {
        "operator": "it@example.org",
        "state": str(tmp_path / "state"),
        "listener": [{"name": "printers"}],
        "faxplus": {
            "from": "+12025550100",
            "oauth": {
                "client_id": "faxgw",
                "client_secret_file": str(tmp_path / "client.secret"),
                "refresh_token_file": str(tmp_path / "refresh.token"),
            },
        },
    }


def test_nothing_is_wrong_with_what_is_in_place(oauth: dict[str, Any]) -> None:
    """A good machine gives no problems."""
    assert [] == check(Config.model_validate(oauth))


def test_domains_need_somebody_to_ask(oauth: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only a machine that names no server is told to, and only where a rule has domains."""
    (tmp_path / "resolv.conf").write_text("search example.org\n")
    empty = partial(dns.resolver.Resolver, filename=str(tmp_path / "resolv.conf"))
    monkeypatch.setattr("dns.resolver.Resolver", empty)
    partners = {"sender": [{"name": "partners", "domains": ["example.net"]}]}
    named = {"dns": {"nameservers": ["192.0.2.53"]}}
    found = [check(Config.model_validate(oauth | changed)) for changed in ({}, partners, partners | named)]

    assert [[], ["dns.nameservers"], []] == [[problem.place for problem in problems] for problems in found]


def test_a_refresh_token_must_be_replaceable(oauth: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """FAX.PLUS gives a new one with each use; if it cannot be kept, the account is lost at the next start."""
    monkeypatch.setattr("os.access", lambda path, _: Path(path).name == "state")
    monkeypatch.setattr("gateway.configfile.machine.look_at_state", lambda *_, **__: None)
    (problem,) = check(Config.model_validate(oauth))

    assert "faxplus.oauth.refresh_token_file" == problem.place
    assert "cannot be written" in problem.words


def test_logins_nobody_uses_are_not_looked_at(oauth: dict[str, Any], tmp_path: Path) -> None:
    """Without a rule that names users, the file of logins may be missing."""
    assert [] == check(Config.model_validate(oauth | {"users_file": str(tmp_path / "users")}))
