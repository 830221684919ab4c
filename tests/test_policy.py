"""Who may fax, to where, and in which words it is refused."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import NumberSettings, SenderSettings
from gateway.policy import destination, sender_rule


def rule(name: str, **fields: object) -> SenderSettings:
    """Return a sender rule as the configuration would hold it."""
    return SenderSettings.model_validate({"name": name, **fields})


PRINTER = rule("printer", networks=["192.0.2.17"])
OFFICE = rule("office", networks=["192.0.2.0/24", "2001:db8::/32"], **{"from": ["*@example.org"]})
STAFF = rule("staff", users=["alice", "bob"], **{"from": ["*@example.org", "boss+*@Example.NET"]})
RULES = (PRINTER, OFFICE, STAFF)


@pytest.mark.parametrize(
    ("client", "user", "mail_from", "expected"),
    [
        ("192.0.2.17", None, "anything@anywhere.example", "printer"),
        ("::ffff:192.0.2.17", None, "scanner", "printer"),
        ("192.0.2.18", None, "ann@example.org", "office"),
        ("192.0.2.18", None, "ANN@EXAMPLE.ORG", "office"),
        ("2001:db8::1", None, "ann@example.org", "office"),
        ("192.0.2.18", None, "ann@example.net", None),
        ("192.0.2.18", None, "ann@example.org.evil.example", None),
        ("198.51.100.1", None, "ann@example.org", None),
        ("198.51.100.1", "alice", "alice@example.org", "staff"),
        ("198.51.100.1", "alice", "boss+1@example.net", "staff"),
        ("198.51.100.1", "alice", "boss@example.net", None),
        ("198.51.100.1", "Alice", "alice@example.org", None),
        ("198.51.100.1", "mallory", "alice@example.org", None),
        ("192.0.2.18", "alice", "alice@example.org", "office"),
        ("192.0.2.17", None, "", None),
        ("198.51.100.1", "alice", "", None),
    ],
)
def test_first_rule_that_fits_decides(client: str, user: str | None, mail_from: str, expected: str | None) -> None:
    """Network or login, then the sender's address; in order; nothing fits: nobody."""
    decision = sender_rule(RULES, ip_address(client), user, mail_from)

    assert expected == (decision.rule.name if decision.rule else None)


def test_nobody_is_listed() -> None:
    """Without rules, nobody faxes."""

    assert sender_rule((), ip_address("127.0.0.1"), "alice", "alice@example.org").rule is None


@pytest.mark.parametrize(
    ("client", "user", "mail_from", "expected"),
    [
        ("192.0.2.17", None, "x@y.example", 'let in by the sender rule "printer"'),
        ("192.0.2.18", None, "x@y.example", "192.0.2.18 may not fax as x@y.example"),
        ("198.51.100.1", None, "x@y.example", "198.51.100.1 is not listed among those who may fax"),
        ("198.51.100.1", "bob", "x@y.example", "198.51.100.1, logged in as bob, may not fax as x@y.example"),
        ("192.0.2.17", None, "", "mail without a sender is not faxed: nobody could be told how it went"),
    ],
)
def test_decision_explains_itself(client: str, user: str | None, mail_from: str, expected: str) -> None:
    """Each decision can be read aloud to the one it concerns."""

    assert expected == sender_rule(RULES, ip_address(client), user, mail_from).words


PIECE = st.text(alphabet="ab?[].!", max_size=3)


@given(pieces=st.lists(PIECE, min_size=2, max_size=3), between=st.lists(PIECE, min_size=2, max_size=2), other=PIECE)
def test_only_the_star_is_special(pieces: list[str], between: list[str], other: str) -> None:
    """A star stands for anything; brackets and question marks mean themselves."""
    filled = pieces[0] + "".join(filling + piece for filling, piece in zip(between, pieces[1:], strict=False)) + "@"
    literal = "".join(pieces) + "@"

    assert _fits("*".join(pieces) + "@", filled)
    assert (literal == other + "@") == _fits(literal, other + "@")


def _fits(pattern: str, address: str) -> bool:
    fits = rule("any", networks=["127.0.0.1"], **{"from": [pattern]})
    return sender_rule((fits,), ip_address("127.0.0.1"), None, address).rule is not None


NANP_ISLANDS = [242, 246, 264, 268, 284, 345, 441, 473, 649, 658, 664, 721, 758, 767, 784, 809, 829, 849, 868, 869, 876]


@pytest.mark.parametrize("number", ["+15551234567", "+12025550123", "+18005550123"])
def test_own_country_may_be_called(number: str) -> None:
    """By default one's own country, assigned or not."""

    assert destination(number, NumberSettings()) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+493012345678", "calls to DE are not allowed here, only to US"),
        ("+16135550123", "calls to CA are not allowed here, only to US"),
        ("+19005550123", "premium-rate numbers are not called"),
        ("+870773111632", "satellite and worldwide service numbers are not called"),
        ("+881612345678", "satellite and worldwide service numbers are not called"),
        ("+88213300655", "satellite and worldwide service numbers are not called"),
        ("+883510000000", "satellite and worldwide service numbers are not called"),
        ("+979123456789", "premium-rate numbers are not called"),
        ("+80012345678", "satellite and worldwide service numbers are not called"),
        ("+12025550100", "this is the gateway's own number"),
        ("+12125550100", "numbers that begin so are denied here"),
    ],
)
def test_may_not_be_called(number: str, expected: str) -> None:
    """Abroad, dear, denied or our own: refused with the reason."""

    assert expected == destination(number, NumberSettings(deny=("+1212",)), {"+12025550100"})


@pytest.mark.parametrize("area", NANP_ISLANDS)
def test_caribbean_is_abroad(area: int) -> None:
    """Islands that share +1 are other countries, also for numbers that nobody has assigned."""

    assert destination(f"+1{area}0001234", NumberSettings()) is not None


@pytest.mark.parametrize("number", ["+4990012345", "+49900123456789", "+499001234567", "+491375000001"])
def test_premium_and_shared_cost_at_home(number: str) -> None:
    """Dear ranges are refused in one's own country too, also at lengths that are not assigned."""

    assert destination(number, NumberSettings(country="DE")) is not None


def test_allowed_abroad() -> None:
    """A listed country may be called; then one's own must be listed too."""
    settings = NumberSettings(country="US", allow=("DE", "BS"))

    assert destination("+493012345678", settings) is None
    assert destination("+12425551234", settings) is None
    assert destination("+12025550123", settings) == "calls to US are not allowed here, only to DE, BS"
