"""SPF: what a domain says of an address, and that nothing odd in its records is a pass."""

import time
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config import DnsSettings
from gateway.origin.names import Names, resolver
from gateway.origin.spf import check
from tests.name_server import BROKEN, SILENT, NameServer, Zone, name_server, text

CLIENT = "192.0.2.1"


def ask(server: NameServer, *, client: str = CLIENT, sender: str = "alice@example.org", patience: float = 5.0) -> str:
    """Ask what SPF says."""
    names = Names(resolver(DnsSettings(nameservers=(server.address,))), patience)
    return check(names, ip_address(client), sender, "mail.example.org")


def spf(*records: str | bytes, **others: str) -> dict[tuple[str, str], list[str]]:
    """A zone with such records for example.org, and for names beneath it."""
    beneath = {(f"{name}.example.org", "TXT"): [text(record)] for name, record in others.items()}
    return {("example.org", "TXT"): [text(record) for record in records], **beneath}


@pytest.mark.parametrize("sender", ["x@y@example.org", "@example.org"])
def test_the_domain_stands_behind_the_last_at(sender: str) -> None:
    """A local part in quotes may have one, too: `"x@y"@example.org` is no mail of y@example.org."""
    with name_server(spf("v=spf1 exists:%{o} -all") | {("example.org", "A"): ["127.0.0.2"]}) as server:
        assert "pass" == ask(server, sender=sender)


A_CHAIN = {f"n{n}": f"v=spf1 include:n{n + 1}.example.org -all" for n in range(12)} | {"n12": "v=spf1 +all"}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (spf("v=spf1 ip4:192.0.2.0/24 -all"), "pass"),
        (spf("v=spf1 +a -all") | {("example.org", "A"): [CLIENT]}, "pass"),
        (
            spf("v=spf1 mx -all") | {("example.org", "MX"): ["1 mx.example.org."], ("mx.example.org", "A"): [CLIENT]},
            "pass",
        ),
        (spf("v=spf1 include:n.example.org -all", n="v=spf1 ip4:192.0.2.1 -all"), "pass"),
        (spf("v=spf1 redirect=n.example.org", n="v=spf1 ip4:192.0.2.1 -all"), "pass"),
        (spf("v=spf1 exists:%{l}.%{d} -all") | {("alice.example.org", "A"): ["127.0.0.2"]}, "pass"),
        (
            spf("v=spf1 ptr -all")
            | {("1.2.0.192.in-addr.arpa", "PTR"): ["m.example.org."], ("m.example.org", "A"): [CLIENT]},
            "pass",
        ),
        (spf("something else", "V=SPF1 ip4:192.0.2.1"), "pass"),
        (spf("v=spf1 ip4:198.51.100.1 -all"), "fail"),
        (spf("v=spf1 ip4:198.51.100.1 -all exp=n.example.org", n="Go away"), "fail"),
        (spf("v=spf1 ip4:198.51.100.1 ~all"), "softfail"),
        (spf("v=spf1 ?all"), "neutral"),
        (spf("v=spf1"), "neutral"),
        (spf("something else"), "none"),
        ({}, "none"),
        (spf("v=spf1 ip4:192.0.2.1", "v=spf1 -all"), "permerror"),
        (spf("v=spf1 ip4:192.0.2.1 nonsense"), "permerror"),
        (spf("v=spf1 ip4:192.0.2.1/99"), "permerror"),
        (spf(b"v=spf1 ip4:192.0.2.1 \xff"), "permerror"),
        (spf("v=spf1 include:n0.example.org -all", **A_CHAIN), "permerror"),
        (spf("v=spf1 include:example.org ip4:192.0.2.1"), "permerror"),
        (spf("v=spf1 a:v1.example.org a:v2.example.org a:v3.example.org ip4:192.0.2.1"), "permerror"),
        (spf("v=spf1 a:v1.example.org a:v2.example.org ip4:192.0.2.1"), "pass"),
        ({("example.org", "TXT"): [BROKEN]}, "temperror"),
    ],
)
def test_what_spf_says(zone: Zone, expected: str) -> None:
    """RFC 7208: each result; ten terms that ask at most, and two empty answers."""
    with name_server(zone) as server:
        assert expected == ask(server)


@pytest.mark.parametrize(
    ("record", "client", "expected"),
    [
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", "pass"),
        ("v=spf1 ip4:192.0.2.1 -all", "::ffff:192.0.2.1", "pass"),
        ("v=spf1 ip4:192.0.2.1 -all", "2001:db8::1", "fail"),
    ],
)
def test_both_versions_of_ip(record: str, client: str, expected: str) -> None:
    """An IPv4 address stays one, however it is written."""
    with name_server(spf(record)) as server:
        assert expected == ask(server, client=client)


def test_silence_ends() -> None:
    """Nobody answers: nobody knows, and that within our time."""
    with name_server({("example.org", "TXT"): [SILENT]}) as server:
        begun = time.monotonic()

        assert "temperror" == ask(server, patience=0.3)
        assert time.monotonic() - begun < 3.0


def test_words_that_nobody_is_told_are_not_fetched() -> None:
    """An explanation costs a question, and a stranger wrote it."""
    with name_server(spf("v=spf1 -all exp=n.example.org", n="Go away")) as server:
        ask(server)

        assert ("n.example.org", "TXT") not in server.asked


@pytest.mark.parametrize(
    "sender", ["a\\b@example.org", f"{'x' * 64}@example.org", "a..b@example.org", "%{l}@example.org"]
)
def test_odd_senders(sender: str) -> None:
    """They go into names that are asked for."""
    with name_server(spf("v=spf1 exists:%{l}._spf.%{d} -all")) as server:
        assert ask(server, sender=sender) in {"fail", "permerror"}


MECHANISMS = st.lists(
    st.one_of(
        st.sampled_from(
            ["a", "mx", "ptr", "include:", "exists:", "redirect=", "exp=", "%{d}", "%{ir}", "%", "/", "//", ":"]
        ),
        st.text(alphabet="abcm.:/=%{}0123456789-~ ", max_size=12),
    ),
    max_size=8,
).map(" ".join)


@settings(deadline=None)
@given(written=st.one_of(st.binary(max_size=400), MECHANISMS.map(lambda terms: f"v=spf1 {terms} -all".encode())))
def test_any_record_is_no_pass(written: bytes) -> None:
    """Whatever is published there, it lets nobody in by accident, and breaks nothing."""
    with name_server(spf(written)) as server:
        assert "pass" != ask(server, client="203.0.113.99")
