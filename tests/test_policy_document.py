"""docs/policy.md: its examples are configurations, and what it says of them is so."""

import re
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Config
from gateway.config.section import Settings
from gateway.config.sender import SenderSettings
from gateway.policy import Destinations, OverQuotaError, Quotas, Spending, sender_rule
from tests.values import NOW

DOCUMENT = (Path(__file__).parents[1] / "docs" / "policy.md").read_text("utf-8")
PRACTICE, COMPANY = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)


def config(example: str) -> Config:
    """An example with what every configuration needs besides."""
    rest: dict[str, Any] = {
        "operator": "it@example.org",
        "users_file": "users",
        "faxplus": {"token_file": "token", "from": "+12025550100"},
        "listener": [{"name": "plain"}],
    }
    return Config.model_validate(rest | tomllib.loads(example))


def keys(settings: type[Settings]) -> set[str]:
    """The keys of a section."""
    return {field.alias or name for name, field in settings.model_fields.items()}


def test_every_key_of_a_rule_is_told_of() -> None:
    """Whoever reads the page knows all that a rule can say."""

    assert set() == {key for key in keys(SenderSettings) - {"name"} if f"`{key}`" not in DOCUMENT}


@pytest.mark.parametrize(
    ("user", "expected"),
    [("erp", "ERP"), (None, "everybody else")],
)
def test_whose_invoices_are_whose(user: str | None, expected: str) -> None:
    """As the last paragraph says."""
    decision = sender_rule(config(COMPANY).sender, ip_address("192.0.2.5"), user, "invoices@example.com")

    assert expected == (decision.rule.name if decision.rule else None)


@pytest.mark.parametrize(
    ("example", "rule", "number", "refused"),
    [
        (PRACTICE, "people", "+49301234567", False),
        (PRACTICE, "people", "+49301234467", True),
        (PRACTICE, "printer at the desk", "+49301234567", True),
        (PRACTICE, "people", "+12025550199", True),
        (COMPANY, "branch in London", "+442071234567", False),
        (COMPANY, "everybody else", "+442071234567", True),
        (COMPANY, "everybody else", "+49301234500", True),
        (COMPANY, "everybody else", "+431234567890", False),
    ],
)
def test_where_they_may_fax_to(example: str, rule: str, number: str, *, refused: bool) -> None:
    """Each rule has the destinations that the page gives it."""

    assert refused is (Destinations(config(example)).objection(number, rule) is not None)


def test_the_printer_is_refused_as_the_page_says() -> None:
    """The words stand there as they are said."""
    (limit, *_) = Quotas(config(PRACTICE)).limits("printer at the desk", ["+12025550123"])
    with pytest.raises(OverQuotaError) as refused:
        limit.check(100, 1)

    assert not refused.value.for_good
    assert f"450 4.7.1 {refused.value.words}" in " ".join(DOCUMENT.split())


def test_calls_to_great_britain_cost_more() -> None:
    """By the price table of the second example."""
    spending = Spending(config(COMPANY).spend)
    spends = [spending.spend(number, 10, NOW) for number in ("+442071234567", "+493012345678")]

    assert [1.2, 0.8] == [spend and round(spend.amount, 6) for spend in spends]
