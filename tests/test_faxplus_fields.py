"""Single values as FAX.PLUS may write them, and whatever else may stand there."""

from contextlib import suppress

import pytest
from hypothesis import given
from pydantic import TypeAdapter, ValidationError

from gateway.faxplus import fields
from gateway.faxplus.fields import digits, moment, usable_id
from tests.foreign import HUGE, JSON


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+1 334-304-0000", "13343040000"),
        ("+13343040000", "13343040000"),
        ("(334) 304 0000", "3343040000"),
        (13343040000, "13343040000"),
        ("\u0661", ""),
        (None, ""),
        (True, ""),
        pytest.param(HUGE, "", id="huge"),
        (["+1"], ""),
    ],
)
def test_digits(number: object, expected: str) -> None:
    """Numbers are compared by their digits, however they are printed."""

    assert expected == digits(number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-05 06:43:04", 1767595384.0),
        ("2026-01-05 06:43:04 +0000", 1767595384.0),
        ("2026-01-05 07:43:04 +0100", 1767595384.0),
        ("2026-01-05T06:43:04Z", 1767595384.0),
        ("2026-13-05 06:43:04", None),
        ("", None),
        ("yesterday", None),
        (1767595384, None),
        (None, None),
    ],
)
def test_moment(text: object, expected: float | None) -> None:
    """Times without a zone are UTC; what is no time is not said."""

    assert expected == moment(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5e7de3ad54cfd54eb568cc76", "5e7de3ad54cfd54eb568cc76"),
        (17, "17"),
        ("a/b?c#d%", "a/b?c#d%"),
        ("..", None),
        (".", None),
        ("", None),
        ("a b", None),
        ("a\n", None),
        ("a\x00", None),
        ("x" * 201, None),
        (True, None),
        (None, None),
        (1.5, None),
        pytest.param(HUGE, None, id="huge"),
        (["a"], None),
    ],
)
def test_usable_id(value: object, expected: str | None) -> None:
    """An id is taken as it is, unless it could not stand in an address or a database."""

    assert expected == usable_id(value)


@pytest.mark.parametrize(
    ("value", "count", "amount"),
    [
        (2, 2, 2.0),
        ("2", 2, 2.0),
        (2.7, 2, 2.7),
        (0, 0, 0.0),
        (-1, None, None),
        ("NaN", None, None),
        (float("inf"), None, None),
        (1e300, None, None),
        pytest.param(HUGE, None, None, id="huge"),
        (True, None, None),
        ("many", None, None),
        ([2], None, None),
    ],
)
def test_amounts(value: object, count: int | None, amount: float | None) -> None:
    """Pages and money may come as text; nonsense is not said, rather than kept."""

    assert count == TypeAdapter(fields.Count).validate_python(value)
    assert amount == TypeAdapter(fields.Amount).validate_python(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"text": "f1-1", "tags": ["f1-1"]}, "f1-1"),
        ({"text": " f1-1\n", "tags": []}, "f1-1"),
        ({"text": "", "tags": ["f1-1", "x"]}, "f1-1"),
        ({"text": None, "tags": None}, ""),
        ({"tags": [7]}, ""),
        ("f1-1", "f1-1"),
        (None, ""),
        (7, ""),
        (["f1-1"], ""),
    ],
)
def test_comment(value: object, expected: str) -> None:
    """Our token is found in an object as in a string."""

    assert expected == TypeAdapter(fields.Comment).validate_python(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("failed\x00", "failed"),
        ("a\r\nb", "a  b"),
        ("\ud800x", "x"),
        (" caf\u00e9 ", "caf\u00e9"),
        ("x" * 501, "x" * 500),
    ],
)
def test_text(value: str, expected: str) -> None:
    """No text brings what PostgreSQL refuses or a log would break over."""

    assert expected == TypeAdapter(fields.Text).validate_python(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["+1 555-123-4567"], ("15551234567",)),
        ("+15551234567", ("15551234567",)),
        (["+15551234567", "somebody"], ("15551234567", "")),
        ([], ()),
        (None, ("",)),
    ],
)
def test_numbers(value: object, expected: tuple[str, ...]) -> None:
    """One number or several; what is no number still counts as one, so that a list of two never looks like one."""

    assert expected == TypeAdapter(fields.Numbers).validate_python(value)


@given(JSON)
def test_any_value(value: object) -> None:
    """No field of any kind stumbles over any value; only an id and a word may refuse it."""
    for kind in ("Text", "Comment", "Digits", "Numbers", "Amount", "Count", "Moment", "Truth"):
        TypeAdapter(getattr(fields, kind)).validate_python(value)
    for kind in ("Id", "Word"):
        with suppress(ValidationError):
            assert TypeAdapter(getattr(fields, kind)).validate_python(value)
