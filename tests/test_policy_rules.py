"""Who may fax: the first rule that fits, the addresses that a login owns, and the reason in words."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import SenderSettings
from gateway.policy import PassedOver, Proof, sender_rule


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
        ("192.0.2.18", "alice", "alice@example.org", "staff"),
        ("192.0.2.17", "alice", "anything@anywhere.example", None),
        ("192.0.2.17", "nobody-lists-me", "anything@anywhere.example", "printer"),
        ("192.0.2.17", None, "", None),
        ("198.51.100.1", "alice", "", None),
    ],
)
def test_first_rule_that_fits_decides(client: str, user: str | None, mail_from: str, expected: str | None) -> None:
    """Login or network, then the sender's address; in order; nothing fits: nobody. A login owns its addresses."""
    decision = sender_rule(RULES, ip_address(client), user, mail_from)

    assert expected == (decision.rule.name if decision.rule else None)


@pytest.mark.parametrize(
    "mail_from", ["MAILER-DAEMON@example.org", "owner-list@example.org", "majordomo@example.org", "mailer-daemon"]
)
def test_robots_are_not_let_in(mail_from: str) -> None:
    """What bounces and lists under a name of its own is neither faxed nor answered, wherever it comes from."""
    decision = sender_rule(RULES, ip_address("192.0.2.17"), None, mail_from)

    assert (None, "bounces and list mail are not faxed") == (decision.rule, decision.words)


PARTNERS = rule("partners", domains=["example.org", "Example.NET"], **{"from": ["*@example.*"]})
MIXED = rule("mixed", networks=["192.0.2.17"], domains=["example.com"])


@pytest.mark.parametrize(
    ("rules", "client", "user", "mail_from", "spf", "expected"),
    [
        ([PARTNERS], "203.0.113.1", None, "a@example.org", "pass", ("partners", Proof.SPF, False)),
        ([PARTNERS], "203.0.113.1", None, "a@EXAMPLE.net", "pass", ("partners", Proof.SPF, False)),
        ([PARTNERS], "203.0.113.1", None, "a@example.org", "", ("partners", Proof.SIGNATURE, True)),
        *(
            ([PARTNERS], "203.0.113.1", None, "a@example.org", spf, ("partners", Proof.SIGNATURE, False))
            for spf in ("fail", "softfail", "neutral", "none", "temperror", "permerror")
        ),
        ([PARTNERS], "203.0.113.1", None, "a@mail.example.org", "pass", (None, Proof.CLIENT, False)),
        ([PARTNERS], "203.0.113.1", None, "a@example.com", "pass", (None, Proof.CLIENT, False)),
        ([PARTNERS], "203.0.113.1", None, "example.org", "pass", (None, Proof.CLIENT, False)),
        ([PARTNERS], "203.0.113.1", None, "", "pass", (None, Proof.CLIENT, False)),
        ([PARTNERS], "203.0.113.1", None, "mailer-daemon@example.org", "pass", (None, Proof.CLIENT, False)),
        ([PARTNERS, PRINTER], "192.0.2.17", None, "a@example.org", "", ("printer", Proof.CLIENT, True)),
        ([PARTNERS, PRINTER], "192.0.2.17", None, "a@example.org", "fail", ("printer", Proof.CLIENT, False)),
        ([PARTNERS, PRINTER], "192.0.2.17", None, "a@example.org", "pass", ("partners", Proof.SPF, False)),
        ([PRINTER, PARTNERS], "192.0.2.17", None, "a@example.org", "", ("printer", Proof.CLIENT, False)),
        ([MIXED], "192.0.2.17", None, "a@example.com", "", ("mixed", Proof.CLIENT, False)),
        ([MIXED], "203.0.113.1", None, "a@example.com", "pass", ("mixed", Proof.SPF, False)),
        ([STAFF, PARTNERS], "203.0.113.1", "alice", "a@example.net", "pass", (None, Proof.CLIENT, False)),
        ([STAFF, PARTNERS], "203.0.113.1", "mallory", "a@example.net", "pass", ("partners", Proof.SPF, False)),
        ([rule("b", domains=["example.org"], **{"from": ["b@*"]}), PARTNERS], "203.0.113.1", None, "a@example.org", "",
         ("partners", Proof.SIGNATURE, True)),
    ],
)  # fmt: skip
def test_domains(
    rules: list[SenderSettings], client: str, user: str | None, mail_from: str, spf: str, expected: tuple[object, ...]
) -> None:
    """SPF shows it at once, a signature at the end. What is known without comes first; a login has its own rules."""
    decision = sender_rule(rules, ip_address(client), user, mail_from, spf)

    assert expected == (decision.rule.name if decision.rule else None, decision.proof, decision.asks_spf)


@pytest.mark.parametrize(
    ("mail_from", "spf", "words"),
    [
        ("a@example.org", "fail", "SPF does not show that 192.0.2.18 sends mail of example.org (fail)"),
        ("a@example.org", "", "SPF does not show that 192.0.2.18 sends mail of example.org (not asked)"),
        ("a@evil.example", "", "evil.example is not in its domains"),
        ("scanner", "", "no domain is not in its domains"),
    ],
)
def test_why_a_domain_was_passed_over(mail_from: str, spf: str, words: str) -> None:
    """Whoever asks why hears what was missing."""
    everybody = rule("everybody", networks=["0.0.0.0/0"])
    decision = sender_rule((PARTNERS, everybody), ip_address("::ffff:192.0.2.18"), None, mail_from, spf)

    assert (PassedOver("partners", words),) == decision.passed_over


def test_whoever_is_not_of_a_domain_s_addresses_is_told_so() -> None:
    """The domain is listed, this address of it is not."""
    some = rule("some", domains=["example.org"], **{"from": ["billing@example.org"]})
    decision = sender_rule((some,), ip_address("203.0.113.1"), None, "a@example.org")

    assert "203.0.113.1 may not fax as a@example.org" == decision.words


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


@pytest.mark.parametrize(
    ("client", "user", "mail_from", "expected"),
    [
        ("192.0.2.17", None, "x@y.example", []),
        (
            "192.0.2.18",
            None,
            "x@y.example",
            ["192.0.2.18 is not in its networks", "nobody may fax as x@y.example by it", "it is for logins only"],
        ),
        (
            "192.0.2.17",
            "bob",
            "bob@example.org",
            ["it does not name the login bob", "it does not name the login bob"],
        ),
    ],
)
def test_rules_that_were_passed_over_say_why(
    client: str, user: str | None, mail_from: str, expected: list[str]
) -> None:
    """Whoever asks why hears it of every rule before the one that decides."""
    passed = sender_rule(RULES, ip_address(client), user, mail_from).passed_over

    assert [PassedOver(one.name, words) for one, words in zip(RULES, expected, strict=False)] == list(passed)


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
