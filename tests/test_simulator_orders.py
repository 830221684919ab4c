"""Requests are read strictly: what the written API does not allow is refused with the name of the field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.simulator.orders import FaxQuery, HookOrder, Order, OutboxChange, epoch, read, read_query
from gateway.simulator.refusal import RefusedError
from tests.values import NOW

GOOD: dict[str, Any] = {"from": "+12025550100", "to": ["+15551234567"], "files": ["/storage/a.pdf"]}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"from": "12025550100"}, "from"),
        ({"from": "+12025550100;+12025550101"}, "from"),
        ({"to": []}, "to"),
        ({"to": ["+0155512345"]}, "to.0"),
        ({"to": ["+1555\u0661\u0662345"]}, "to.0"),
        ({"to": ["+15551234567\n"]}, "to.0"),
        ({"to": "+15551234567"}, "to"),
        ({"files": [""]}, "files.0"),
        ({"comment": "plain text"}, "comment"),
        ({"comment": {"text": 5}}, "comment.text"),
        ({"send_time": "2027-01-15T08:00:00Z"}, "send_time"),
        ({"send_time": "2027-13-15 08:00:00 +0000"}, "send_time"),
        ({"send_time": "2027-01-15 08:00:00 +01:00"}, "send_time"),
        ({"send_time": "0001-01-01 00:00:00 +1400"}, "send_time"),
        ({"return_ids": "true"}, "return_ids"),
        ({"options": {"retry": {"count": 4}}}, "options.retry.count"),
        ({"options": {"retry": {"delay": 31}}}, "options.retry.delay"),
        ({"cover_page": {"name_to": "A"}}, "cover_page.name_from"),
        ({"resolution": "coarse"}, "resolution"),
        ({"comments": {}}, "comments"),
    ],
)
def test_bad_orders_are_refused(changed: dict[str, Any], named: str) -> None:
    """Each mistake in an order is refused, and the description names the field."""
    with pytest.raises(RefusedError) as refused:
        read(Order, json.dumps(GOOD | changed).encode())

    assert ("validation_error", named) == (refused.value.error, refused.value.description.partition(": ")[0])


def test_good_order() -> None:
    """A complete order is read, and its parts are where they belong."""
    extra = {
        "from": "+12025550100, +12025550101",
        "send_time": "2027-01-15 09:00:00 +0100",
        "comment": {"text": "t", "tags": ["x"]},
        "options": {"enhancement": False, "retry": {"count": 3, "delay": 30}},
    }
    order = read(Order, json.dumps(GOOD | extra).encode())

    assert ["+12025550100", "+12025550101"] == order.sources
    assert NOW == order.send_at
    assert (3, "t") == (order.options.retry.count if order.options.retry else None, order.comment.text)


def test_comment_of_a_change_is_text() -> None:
    """Where a new fax takes an object, a change takes plain text, and refuses the object."""

    assert "new" == read(OutboxChange, b'{"comment": "new"}').comment

    with pytest.raises(RefusedError, match="comment"):
        read(OutboxChange, b'{"comment": {"text": "new"}}')


@pytest.mark.parametrize("numbers", ["[]", '["12"]'])
def test_hook_filter_must_name_numbers(numbers: str) -> None:
    """An empty filter of numbers is refused, as FAX.PLUS does, and so is one with nonsense."""
    with pytest.raises(RefusedError, match="numbers"):
        read(HookOrder, f'{{"target": "http://x/", "event": "fax_sent", "numbers": {numbers}}}'.encode())


@pytest.mark.parametrize("target", ["", "x", "ftp://x/", "http://"])
def test_hook_target_must_be_an_address(target: str) -> None:
    """Only http and https can be called."""
    with pytest.raises(RefusedError, match="target"):
        read(HookOrder, json.dumps({"target": target, "event": "fax_sent"}).encode())


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "x"}, {"after": "2027-01-15"}, {"before": "2027-02-30 00:00:00"}, {"order": "up"}],
)
def test_bad_queries_are_refused(query: dict[str, str]) -> None:
    """Each value of a query that is not allowed is refused by its name."""
    with pytest.raises(RefusedError, match=next(iter(query))):
        read_query(FaxQuery, query)


def test_times_are_utc() -> None:
    """A time without a zone is read as UTC."""

    assert NOW == epoch("2027-01-15 08:00:00")


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps).map(str.encode)
)
def test_any_body_is_read_or_refused(body: bytes) -> None:
    """Whatever comes as a body, it is refused in words or read, and never an error of ours."""
    try:
        read(Order, body)
    except RefusedError as refused:
        assert refused.description  # noqa: PT017  # that it may also be read is the point
