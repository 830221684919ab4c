"""Dial rules that cannot be true together; the gallery shows the words."""

from typing import Any

import pytest

from gateway.config import Config
from gateway.configfile import dialling
from gateway.configfile.problem import Way


def places(**rules: Any) -> list[Way]:
    """Where something is wrong with these dial rules."""
    config = {
        "operator": "it@example.org",
        "faxplus": {"token_file": "faxplus.token", "from": "+12025550100"},
        "listener": [{"name": "printers"}],
        "numbers": rules,
    }
    return [way[1:] for way, _ in dialling.contradictions(Config.model_validate(config))]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, []),
        ({"country": "US", "outside_line": ["9", "8"]}, []),
        ({"country": "US", "outside_line": ["0"]}, [("outside_line", 0)]),
        ({"country": "US", "outside_line": ["1"]}, [("outside_line", 0)]),
        ({"country": "US", "outside_line": ["9", "01"]}, [("outside_line", 1)]),
        ({"country": "GB", "outside_line": ["9"]}, []),
        ({"country": "DE", "outside_line": ["0"]}, [("outside_line", 0)]),
        ({"country": "DE", "outside_line": ["00"]}, [("outside_line", 0)]),
        ({"country": "DE", "trunk": "8", "international": ["9"], "outside_line": ["0"]}, []),
        ({"country": "DE", "trunk": "8", "outside_line": ["8"]}, [("outside_line", 0)]),
        ({"country": "XX", "outside_line": ["9"]}, []),
        ({"country": "XX", "outside_line": ["0"]}, [("outside_line", 0)]),
    ],
)
def test_outside_lines(rules: dict[str, Any], expected: list[Way]) -> None:
    """What is dialled for an outside line begins no number, and no number begins with it."""

    assert expected == places(**rules)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"country": "DE", "international": ["00"]}, []),
        ({"country": "DE", "international": ["00", "0"]}, [("international", 1)]),
        ({"country": "US", "international": ["1"]}, [("international", 0)]),
        ({"country": "US", "trunk": "00", "international": ["0"]}, [("international", 0)]),
        ({"country": "XX", "international": ["0"]}, []),
    ],
)
def test_prefixes(rules: dict[str, Any], expected: list[Way]) -> None:
    """National numbers must not all be read as international ones."""

    assert expected == places(**rules)


@pytest.mark.parametrize(
    ("code", "number", "fits"),
    [
        ("11", "+12025550111", True),
        ("411", "+12025550111", True),
        ("911", "+12025550111", False),
        ("112", "+12025550111", False),
        ("9911", "+12025550111", False),
        ("8911", "+12025550111", True),
        ("11", "+12025550100", False),
    ],
)
def test_short_codes(code: str, number: str, *, fits: bool) -> None:
    """No short code hides an emergency number, and none leads back to us."""

    assert ([] if fits else [("short", code)]) == places(short={code: number}, outside_line=["9"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fax", []),
        ("Scan-2-fax", []),
        *[(name, [("from_subject",)]) for name in ("Postmaster", "12025550123", "411", "2")],
    ],
)
def test_from_subject(name: str, expected: list[Way]) -> None:
    """The address whose number stands in the Subject is neither a number itself nor the operator's."""

    assert expected == places(from_subject=name)
