"""How much may be faxed: which limits hold, what is too much, and whether waiting helps."""

from typing import Any

import pytest

from gateway.config import Config
from gateway.policy import Limit, OverQuotaError, Quotas, Unit
from gateway.policy.quotas import DAY, HOUR


def quotas(**changed: Any) -> Quotas:
    """Quotas of two rules, for one number and in all."""
    usual: dict[str, Any] = {
        "operator": "it@example.org",
        "faxplus": {"token_file": "token", "from": "+12025550100"},
        "listener": [{"name": "plain"}],
        "sender": [
            {"name": "printer", "networks": ["192.0.2.17"], "per_hour": 20, "pages_per_day": 300},
            {"name": "staff", "users": ["ann"]},
        ],
        "quota": {"per_day": 500, "number": {"per_hour": 1, "pages_per_hour": 90}},
    }
    return Quotas(Config.model_validate(usual | changed))


def test_the_limits_of_a_mail() -> None:
    """Those of its rule, those of all together, and those of each number."""
    limits = quotas().limits("printer", ["+12025550123", "+12025550124"])

    assert [
        'the sender rule "printer" lets 20 faxes in an hour through',
        'the sender rule "printer" lets 300 pages in a day through',
        "all together may send at most 500 faxes in a day",
        "one number gets at most 1 fax in an hour",
        "one number gets at most 90 pages in an hour",
        "one number gets at most 1 fax in an hour",
        "one number gets at most 90 pages in an hour",
    ] == [limit.words for limit in limits]
    assert [None, None, None, "+12025550123", "+12025550123", "+12025550124", "+12025550124"] == [
        limit.number for limit in limits
    ]


def test_what_is_left_out_is_not_limited() -> None:
    """A rule without quotas has only those that hold for all; without any there are none."""

    assert [500] == [limit.most for limit in quotas().limits("staff", [])]
    assert [500] == [limit.most for limit in quotas().limits("one that is gone", [])]
    assert () == quotas(quota={}).limits("staff", ["+12025550123"])


@pytest.mark.parametrize(
    ("span", "used", "wanted", "expected"),
    [
        (HOUR, 0, 20, None),
        (HOUR, 19, 1, None),
        (HOUR, 20, 1, ("all together may send at most 20 pages in an hour; please try again later", False)),
        (HOUR, 19, 2, ("all together may send at most 20 pages in an hour; please try again later", False)),
        (HOUR, 0, 21, ("all together may send at most 20 pages in an hour, and this is 21", True)),
        (DAY, 20, 0, None),
        (DAY, 20, 1, ("all together may send at most 20 pages in a day, and no more", True)),
        (DAY, 0, 21, ("all together may send at most 20 pages in a day, and this is 21", True)),
    ],
)
def test_what_is_too_much(span: float, used: int, wanted: int, expected: tuple[str, bool] | None) -> None:
    """More than an hour's is refused for a while, more than a day's for good, and what never fits too."""
    refused: tuple[str, bool] | None = None
    try:
        Limit(most=20, unit=Unit.PAGES, span=span).check(used, wanted)
    except OverQuotaError as error:
        refused = error.words, error.for_good

    assert expected == refused
