"""A decision in words, line by line."""

from ipaddress import ip_address

from gateway.config import SenderSettings
from gateway.policy import Limit, Period, Unit, sender_rule
from gateway.policy.explanation import Explanation, Step, Use, quota_uses, spending_uses, steps
from gateway.policy.quotas import DAY

RULES = tuple(
    SenderSettings.model_validate({"name": name, "networks": [network]})
    for name, network in (("printer", "192.0.2.17"), ("office", "192.0.2.0/24"), ("all", "0.0.0.0/0"))
)


def test_every_rule_is_told_of() -> None:
    """The one that decides, those before it with the reason, those behind it."""
    decision = sender_rule(RULES, ip_address("192.0.2.18"), None, "a@example.org")

    assert (
        Step("printer", "passed over, 192.0.2.18 is not in its networks"),
        Step("office", "decides"),
        Step("all", "not asked"),
    ) == steps(RULES, decision)


def test_what_must_be_so_besides() -> None:
    """A rule that decides by a domain says what it waits for."""
    partners = SenderSettings.model_validate({"name": "partners", "domains": ["example.org"]})
    here = ip_address("192.0.2.18")
    words = [
        steps((partners,), sender_rule((partners,), here, None, "a@example.org", spf))[0].words
        for spf in ("pass", "fail")
    ]

    assert [
        "decides, since SPF shows whose mail it is, if From is of its domains too",
        "decides, if the mail is signed by one of its domains (DKIM)",
    ] == words


def test_no_rule_was_asked() -> None:
    """Mail that no rule could let in says so at each."""
    words = "not asked, mail without a sender is not faxed: nobody could be told how it went"

    assert {words} == {step.words for step in steps(RULES, sender_rule(RULES, ip_address("192.0.2.18"), None, ""))}


def test_read_aloud() -> None:
    """All of it, in the order in which it is decided."""
    limit = Limit(most=100, unit=Unit.FAXES, span=DAY, rule="office")
    explanation = Explanation(
        taken=True,
        answer="250 2.1.5 recipient OK",
        rules=(Step("office", "decides"),),
        number="+12025550123",
        country="US",
        destination="it may be called",
        quotas=quota_uses([limit], [3]),
        spending=spending_uses([Period("2026-11-24", 500.0), Period("2026-11", None)], {"2026-11-24": 12.5}),
    )

    assert (
        "Rules\n  1 office: decides\nNumber: +12025550123 (US), it may be called\n"
        'Quotas\n  the sender rule "office" lets 100 faxes in a day through: 3 of 100 used\n'
        "Spending\n  2026-11-24: 12.5 of 500 used\nAnswer: 250 2.1.5 recipient OK"
    ) == "\n".join(explanation.lines())


def test_what_is_not_known_is_said() -> None:
    """A number that is none, and a database that cannot be read."""
    explanation = Explanation(
        taken=False,
        answer="550 5.1.1 not a fax number",
        rules=(),
        number=None,
        country=None,
        destination="not a fax number",
        quotas=(Use("all", 1, 2),),
        database="no such file",
    )

    assert [
        "Rules",
        "Number: none, not a fax number",
        "Quotas",
        "  all: 1 of 2 used",
        "Quotas and spending are not known: no such file",
        "Answer: 550 5.1.1 not a fax number",
    ] == list(explanation.lines())
