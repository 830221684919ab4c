"""The DNS: what there is, what there is not, and nobody who says."""

import time

import dns.nameserver
import pytest

from gateway.config import DnsSettings
from gateway.origin.names import LONGEST_TEXT, Names, NoAnswerError, resolver
from tests.name_server import BROKEN, SILENT, NameServer, name_server, text

LONG = "v=spf1 " + "ip4:192.0.2.1 " * 200


def names(server: NameServer, patience: float = 5.0) -> Names:
    """Ask a server."""
    return Names(resolver(DnsSettings(nameservers=(server.address,))), patience)


def test_texts() -> None:
    """Pieces are joined, long answers come by TCP, too long ones and other names have none."""
    zone = {
        ("example.org", "TXT"): [text("one"), text("x" * 300)],
        ("long.example.org", "TXT"): [text(LONG)],
        ("endless.example.org", "TXT"): [text("x" * (LONGEST_TEXT + 1)), text("short")],
        ("example.org", "A"): ["192.0.2.1"],
    }
    with name_server(zone) as server:
        asked = names(server)
        found = {name: sorted(asked.texts(name)) for name in ("example.org", "long.example.org", "endless.example.org")}

        assert [b"one", b"x" * 300] == found["example.org"]
        assert [LONG.encode()] == found["long.example.org"]
        assert [b"short"] == found["endless.example.org"]
        assert [] == asked.texts("nowhere.example.org")
        assert () == asked.ask("example.org", "MX")


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", "x" * 64 + ".org", "x." * 200, "\u00fc" * 64, "a\\", "*", " ", "\x00"]
)
def test_what_is_no_name_has_nothing(name: str) -> None:
    """Whoever publishes it, it is not an error of ours."""
    with name_server({("example.org", "A"): ["192.0.2.1"]}) as server:
        assert [] == list(names(server).ask(name, "A"))


@pytest.mark.parametrize("record", [SILENT, BROKEN])
def test_nobody_says(record: str) -> None:
    """A server that is silent, or in trouble, has not said that there is nothing. Patience ends for all together."""
    with name_server({("example.org", "TXT"): [record]}) as server:
        asked, begun = names(server, patience=0.3), time.monotonic()
        for _ in range(3):
            with pytest.raises(NoAnswerError):
                asked.texts("example.org")

    assert time.monotonic() - begun < 3.0


def test_answers_are_remembered() -> None:
    """For the next mail, too."""
    with name_server({("example.org", "TXT"): [text("one")]}) as server:
        one = resolver(DnsSettings(nameservers=(server.address,)))
        for _ in range(3):
            Names(one, 5.0).texts("example.org")

        assert 1 == server.asked["example.org", "TXT"]


@pytest.mark.parametrize(
    ("written", "address", "port"),
    [
        ("192.0.2.53", "192.0.2.53", 53),
        ("192.0.2.53:5353", "192.0.2.53", 5353),
        ("2001:db8::53", "2001:db8::53", 53),
        ("[2001:db8::53]:5353", "2001:db8::53", 5353),
    ],
)
def test_whom_to_ask(written: str, address: str, port: int) -> None:
    """As the configuration has it."""
    (server,) = resolver(DnsSettings.model_validate({"nameservers": [written]})).nameservers

    assert isinstance(server, dns.nameserver.Do53Nameserver)
    assert (address, port) == (server.address, server.port)
