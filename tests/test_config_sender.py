"""A sender rule: somebody, and how they fax."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config import SenderSettings

LONGEST: dict[str, Any] = {
    "name": "printer, second floor",
    "networks": ["192.0.2.17"],
    "users": ["alice"],
    "domains": ["example.org"],
    "from": ["*@example.org"],
    "confirm_to": "desk@example.org",
    "confirm_machines": True,
    "number": "+12025550101",
    "allow": ["US", "+4989"],
    "deny": ["+1900"],
    "language": "de",
    "timezone": "Europe/Berlin",
    "discreet": True,
    "per_hour": 1,
    "per_day": 2,
    "pages_per_hour": 3,
    "pages_per_day": 4,
}


def test_all_of_it() -> None:
    """Every key has its place, in the order in which one thinks of them."""

    assert list(LONGEST) == [field.alias or name for name, field in SenderSettings.model_fields.items()]
    assert LONGEST == SenderSettings.model_validate(LONGEST).model_dump(mode="json", by_alias=True) | {
        "networks": ["192.0.2.17"]
    }


def test_domains_are_compared_in_lower_case() -> None:
    """However they are written."""

    assert ("example.org",) == SenderSettings.model_validate({"name": "x", "domains": ["Example.ORG"]}).domains


def test_a_rule_is_for_somebody() -> None:
    """One without networks, users and domains would fit everybody."""
    with pytest.raises(ValidationError, match="name networks, users or domains"):
        SenderSettings.model_validate({"name": "all"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "it"},
        {"number": "2025550101"},
        {"per_day": 0},
        {"allow": ["Germany"]},
        {"deny": ["DE"]},
        {"domains": ["*.example.org"]},
    ],
)
def test_what_is_no_rule(wrong: dict[str, Any]) -> None:
    """Each key takes only what it means."""
    with pytest.raises(ValidationError):
        SenderSettings.model_validate({"name": "office", "networks": ["192.0.2.17"], **wrong})
