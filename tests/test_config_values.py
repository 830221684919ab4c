"""Single values of the configuration: read as they are written, and written so that they are read the same."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.config import values

READ: list[tuple[Any, Any, Any]] = [
    (values.Span, "500ms", 0.5),
    (values.Span, "90s", 90.0),
    (values.Span, "1.5m", 90.0),
    (values.Span, "24 h", 86400.0),
    (values.Span, "90d", 7776000.0),
    (values.Octets, "1500 B", 1500),
    (values.Octets, "64 MB", 64_000_000),
    (values.Octets, "1GB", 1_000_000_000),
    (values.E164, "+12025550100", "+12025550100"),
    (values.Prefix, "+1", "+1"),
    (values.Destination, "DE", "DE"),
    (values.Destination, "+4989", "+4989"),
    (values.Amount, 500, 500.0),
    (values.Amount, 0.12, 0.12),
    (values.Amount, 0, 0.0),
    (values.Country, "DE", "DE"),
    (values.Domain, "FAX.Local", "fax.local"),
    (values.Mailbox, "it@example.org", "it@example.org"),
    (values.MailDomain, "Fax.Local", "fax.local"),
    (values.MailDomain, "[192.0.2.1]", "[192.0.2.1]"),
    (values.MailDomain, "[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]"),
    (values.Digits, "00", "00"),
    (values.ShortCode, "11", "11"),
    (values.Pattern, "*", "*"),
    (values.Pattern, "*@example.org", "*@example.org"),
    (values.HostPort, "[::1]:25", "[::1]:25"),
    (values.HostPort, "localhost:65535", "localhost:65535"),
    (values.Nameserver, "192.0.2.53", "192.0.2.53"),
    (values.Nameserver, "127.0.0.1:5353", "127.0.0.1:5353"),
    (values.Nameserver, "2001:db8::53", "2001:db8::53"),
    (values.Nameserver, "[::1]:5353", "[::1]:5353"),
    (values.Word, "printers-2.old_ones", "printers-2.old_ones"),
    (values.Text, "printer, second floor", "printer, second floor"),
]

REFUSED: list[tuple[Any, Any]] = [
    *(
        (values.Span, wrong)
        for wrong in ("", "2", 120, "2 weeks", "-1s", "1e3s", "9999999999s", "3651d", "nan s", None)
    ),
    *((values.Octets, wrong) for wrong in ("", "64", 64_000_000, "64 MiB", "1.5 MB", "-1 kB", None)),
    *((values.E164, wrong) for wrong in ("12025550100", "+1 202 555 0100", "+0123456", "+1234", "+1234567890123456")),
    *((values.Prefix, wrong) for wrong in ("1900", "+", "+0", "+1-900", "+1234567890123456")),
    *((values.Destination, wrong) for wrong in ("de", "4989", "+", "DE+49", "")),
    *((values.Amount, wrong) for wrong in ("500", "", None, True, -1, 1e12, float("nan"), float("inf"))),
    *((values.Country, wrong) for wrong in ("us", "USA", "U", "", "\u00dc\u00dc")),
    *((values.Domain, wrong) for wrong in ("", "fax local", "-fax.local", "fax..local", "a" * 64, "fax.local\n")),
    *((values.MailDomain, wrong) for wrong in ("[192.0.2.300]", "[2001:db8::1]", "[IPv6:192.0.2.1]", "[a]", "a b", "")),
    *((values.Digits, wrong) for wrong in ("", "+", "0x", "1234567", "\u0661")),
    *((values.ShortCode, wrong) for wrong in ("", "#1", "1234567")),
    *((values.Mailbox, wrong) for wrong in ("it", "@example.org", "it@", "a b@example.org", "it@example.org\n")),
    *((values.Pattern, wrong) for wrong in ("example.org", "")),
    *(
        (values.HostPort, wrong)
        for wrong in ("25", "localhost", ":25", "::1:25", "localhost:65536", "localhost:\u0662")
    ),
    *(
        (values.Nameserver, wrong)
        for wrong in (
            "",
            "ns.example.org",
            "192.0.2.53:0",
            "192.0.2.53:65536",
            "[192.0.2.53]:53",
            "192.0.2.999",
            "::1:",
        )
    ),
    *((values.Word, wrong) for wrong in ("", "two words", "a:b", "a" * 65)),
    *((values.Text, wrong) for wrong in ("", 5)),
    *((values.Client, wrong) for wrong in ("", "printer.example.org", "192.0.2.300", "192.0.2.17/24", None, 5)),
]


@pytest.mark.parametrize(("kind", "written", "value"), READ)
def test_values_are_read(kind: Any, written: object, value: object) -> None:
    """Every kind of value is read from its usual spelling."""
    read = TypeAdapter(kind).validate_python(written)

    assert value == read


@pytest.mark.parametrize(("kind", "written"), REFUSED)
def test_other_spellings_are_refused(kind: Any, written: object) -> None:
    """What could be meant otherwise is refused and not guessed at."""
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(written)


@pytest.mark.parametrize(
    ("written", "network"),
    [
        ("192.0.2.17", "192.0.2.17/32"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("2001:db8::/64", "2001:db8::/64"),
        ("2001:DB8::1", "2001:db8::1/128"),
    ],
)
def test_a_client_is_an_address_or_a_network(written: str, network: str) -> None:
    """One address is a network of its own."""
    read = TypeAdapter(values.Client).validate_python(written)

    assert network == str(read)


def test_an_address_in_a_network_is_not_guessed_at() -> None:
    """Host bits could mean the one address or all of the network; the words name the network."""
    with pytest.raises(ValidationError, match=r'the network "192\.0\.2\.0/24"'):
        TypeAdapter(values.Client).validate_python("192.0.2.17/24")


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0s"), (0.5, "0.5s"), (90.0, "90s"), (120.0, "2m"), (5400.0, "90m"), (7200.0, "2h"), (86400.0, "1d")],
)
def test_spans_are_written_in_the_largest_unit_that_holds_them(value: float, written: str) -> None:
    """Nothing is rounded to look nicer."""
    assert written == values.span(value)


@settings(max_examples=200, deadline=None)
@given(number=st.decimals(0, 3650, places=9), unit=st.sampled_from(sorted(values.UNITS)))
def test_a_written_span_is_read_the_same(number: object, unit: str) -> None:
    """Writing a span and reading it again gives the very same number of seconds."""
    read = values.seconds(f"{number:f}{unit}")
    assert isinstance(read, float)

    assert read == values.seconds(values.span(read))


@settings(max_examples=200, deadline=None)
@given(value=st.integers(0, 999_999_999))
def test_a_written_size_is_read_the_same(value: int) -> None:
    """Writing a size and reading it again gives the very same number of octets."""
    assert value == values.octets(values.size(value))


def test_a_credential_comes_before_the_file_of_its_name() -> None:
    """What systemd hands over under the name is meant; without it, the path stays."""
    handed_over = {"faxplus.token": Path("/run/credentials/fax-gateway.service/faxplus.token")}
    adapter: TypeAdapter[Path] = TypeAdapter(values.Credential)
    written = "/etc/fax-gateway/faxplus.token"

    assert handed_over["faxplus.token"] == adapter.validate_python(written, context=handed_over)
    assert Path(written) == adapter.validate_python(written)
    assert Path("/etc/other") == adapter.validate_python("/etc/other", context=handed_over)
