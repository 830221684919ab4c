"""Settings that cannot be true together, beyond what the gallery shows."""

from typing import Any

import pytest

from gateway.config import Config
from gateway.configfile.contradictions import contradictions
from gateway.configfile.problem import Way


def places(**settings: Any) -> list[Way]:
    """Where something is wrong in an otherwise good configuration."""
    good = {
        "operator": "it@example.org",
        "faxplus": {"token_file": "faxplus.token", "from": "+12025550100"},
        "listener": [{"name": "printers"}],
    }
    return [way for way, _ in contradictions(Config.model_validate(good | settings))]


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ("127.0.0.1:25", "127.0.0.1:25", True),
        ("127.0.0.1:25", "127.0.0.1:26", False),
        ("127.0.0.1:25", "127.0.0.2:25", False),
        ("0.0.0.0:25", "127.0.0.1:25", True),
        ("192.0.2.1:25", "0.0.0.0:25", True),
        ("0.0.0.0:25", "[::]:25", False),
        ("[::]:25", "[::1]:25", True),
        ("[::]:25", "127.0.0.1:25", False),
        ("localhost:25", "LOCALHOST:25", True),
        ("localhost:25", "mail.example.org:25", False),
        ("0.0.0.0:25", "mail.example.org:25", False),
        ("localhost:025", "localhost:25", True),
        ("127.0.0.1:0", "127.0.0.1:0", False),
    ],
)
def test_two_listeners_at_one_address(first: str, second: str, *, clash: bool) -> None:
    """A wildcard takes every address of its version; names are not looked up; port 0 is another one each time."""
    found = places(listener=[{"name": "a", "address": first}, {"name": "b", "address": second}])

    assert ([("listener", 1, "address")] if clash else []) == found


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://restapi.fax.plus/v3", True),
        ("http://127.0.0.1:8900/v3", True),
        ("http://[::1]:8900/v3", True),
        ("http://localhost:8900/v3", True),
        ("http://10.0.0.1/v3", False),
        ("http://localhost.example.org/v3", False),
        ("ftp://127.0.0.1/v3", False),
        ("https://", False),
        ("https://host:port/v3", False),
        ("https://[::1/v3", False),
        ("https://token@restapi.fax.plus/v3", False),
        ("https://restapi.fax.plus/v3?x=1", False),
        ("https://restapi.fax.plus/v3#x", False),
    ],
)
def test_the_token_travels_protected(url: str, *, fits: bool) -> None:
    """Plain http is for a simulator on this machine only."""
    faxplus = {"token_file": "faxplus.token", "from": "+12025550100", "base_url": url}

    assert ([] if fits else [("faxplus", "base_url")]) == places(faxplus=faxplus)


def test_oauth_travels_protected_too() -> None:
    """The client secret goes to token_url."""
    oauth = {
        "client_id": "faxgw",
        "client_secret_file": "client.secret",
        "refresh_token_file": "refresh.token",
        "token_url": "http://accounts.fax.plus/token",
    }

    assert [("faxplus", "oauth", "token_url")] == places(faxplus={"from": "+12025550100", "oauth": oauth})


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("postgresql://faxgw@db.example.org/faxgw", True),
        ("postgresql:///faxgw?host=/run/postgresql", True),
        ("postgresql://faxgw@db.example.org/faxgw?passfile=/etc/fax-gateway/pgpass", True),
        ("postgresql://postgres:@/faxgw?host=/run/postgresql", True),
        ("postgresql://faxgw:hush@db.example.org/faxgw", False),
        ("postgresql://faxgw@db.example.org/faxgw?password=hush", False),
        ("postgresql+psycopg://faxgw@db.example.org/faxgw", False),
        ("sqlite:////var/lib/fax-gateway/fax.db", False),
        ("postgresql://[::1/faxgw", False),
    ],
)
def test_the_database_is_postgresql_without_its_password(url: str, *, fits: bool) -> None:
    """Other databases are not supported, and a password would stand in the file."""
    assert ([] if fits else [("database",)]) == places(database=url)


@pytest.mark.parametrize(("quarantine", "enough"), [("40s", True), ("39s", False)])
def test_the_quarantine_outlasts_a_request(quarantine: str, *, enough: bool) -> None:
    """With the 30 seconds that a request may take by default, 40 are the least that cannot fax twice."""
    assert ([] if enough else [("schedule", "quarantine")]) == places(schedule={"quarantine": quarantine})


def test_a_destination_has_one_price() -> None:
    """Nobody could say which of two holds."""
    prices = [{"to": to, "per_page": 1} for to in ("GB", "+44", "GB")]

    assert [("spend", "price", 2, "to")] == places(spend={"price": prices})


def test_our_mail_does_not_come_back() -> None:
    """The operator and those who hear in a sender's place have mailboxes; in our domains there are none."""
    desk = {"name": "desk", "networks": ["192.0.2.17"], "confirm_to": "desk@FAX.local"}

    assert [("operator",)] == places(operator="it@fax.local")
    assert [("sender", 0, "confirm_to")] == places(sender=[desk])
    assert [] == places(sender=[desk | {"confirm_to": "desk@example.org"}])


def test_a_plain_listener_serves_networks() -> None:
    """With one rule for networks it is of use, without any rule at all nothing is said: nobody may fax anyway."""
    staff = {"name": "staff", "users": ["alice"]}
    office = {"name": "office", "networks": ["192.0.2.0/24"]}

    assert [("listener", 0, "tls")] == places(users_file="users", sender=[staff])
    assert [] == places(users_file="users", sender=[staff, office])
    assert [] == places()
