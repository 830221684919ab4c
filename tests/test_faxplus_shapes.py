"""What FAX.PLUS says about faxes, in both spellings of its documents, broken in every way, and as arbitrary JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.faxplus.shapes import Hint, Listing, Record, read_hint, read_ids, read_listing, read_path, read_record
from tests.foreign import HUGE, JSON

WRITTEN = yaml.safe_load((Path(__file__).parent / "data" / "faxplus-openapi.yaml").read_text())
OUTBOX = WRITTEN["paths"]["/accounts/{user_id}/outbox"]["get"]["responses"]["200"]["content"]["application/json"][
    "example"
]
SENT = WRITTEN["paths"]["/accounts/{user_id}/faxes"]["get"]["responses"]["200"]["content"]["application/json"][
    "example"
]
CALLS = WRITTEN["webhooks"]["faxEvent"]["post"]["requestBody"]["content"]["application/json"]["examples"]

A_FAX = SENT["data"]["records"][0]
SENT_RECORD = Record(
    id="5e7de3ad54cfd54eb568cc76",
    place="sent",
    status="success",
    token="gw:01JABC",
    from_="16699990000",
    to=("16699990001",),
    pages=2,
    duration=42.0,
    cost=2.0,
    description="OK",
    submitted_at=1767595384.0,
)


def test_outbox_example() -> None:
    """The written example of the outbox is read in full."""
    record = Record(
        id="13a4afb0585345639733857e8f36df8d",
        place="outbox",
        status="submitted",
        token="gw:01JABC",
        from_="16699990000",
        to=("16699990001",),
        pages=0,
        submitted_at=1767595384.0,
    )

    assert Listing((record,), complete=True, length=1) == read_listing(OUTBOX, "outbox")


def test_sent_example() -> None:
    """The written example of the sent faxes is read in full."""

    assert Listing((SENT_RECORD,), complete=True, length=1) == read_listing(SENT, "sent")


def test_other_spelling() -> None:
    """The vendor's sample prints `from_number`, its SDK `to_number`; numbers are pretty, amounts may be text."""
    renamed = {key: value for key, value in A_FAX.items() if key not in {"from", "to"}}
    printed = {"from_number": "+1 669-999-0000", "to_number": "+1 669-999-0001", "pages": "2", "cost": "2"}

    assert SENT_RECORD == read_record(renamed | printed, "sent")


def test_nulls() -> None:
    """Null is the same as left out, also where the other spelling has the value."""
    bare = {"id": 17, "status": "failed", "from": None, "from_number": "+1", "to": None, "submit_time": None}

    assert Record(id="17", place="sent", status="failed", from_="1") == read_record(bare, "sent")


@pytest.mark.parametrize(
    "changed",
    [{"id": None}, {"id": ""}, {"id": ".."}, {"id": ["x"]}, {"status": None}, {"status": " "}, {"status": 7}],
)
def test_useless_record(changed: dict[str, Any]) -> None:
    """Without an id or a status nothing can be done with a record; an empty status is never taken for a word."""

    assert read_record(A_FAX | changed, "sent") is None


@pytest.mark.parametrize("raw", [None, 7, "x", [], [A_FAX], {}])
def test_no_record(raw: object) -> None:
    """What is no record is none."""

    assert read_record(raw, "sent") is None
    assert read_record(raw, "outbox") is None


def test_start_is_not_submission() -> None:
    """A time that may lie long after our request is not taken for the time of our request."""
    waited = A_FAX | {"submit_time": None, "start_time": "2026-01-05 09:00:00"}

    record = read_record(waited, "sent")

    assert record is not None
    assert record.submitted_at is None


def test_one_broken_record() -> None:
    """It spoils the completeness of the list, not the others; the log counts it."""
    with capture_logs() as logs:
        listing = read_listing({"data": {"records": [{"id": None}, A_FAX, 7]}}, "sent")

    assert Listing((SENT_RECORD,), complete=False, length=3) == listing
    assert [("records.unreadable", 2)] == [(entry["event"], entry["count"]) for entry in logs]


@pytest.mark.parametrize("raw", [None, [], [A_FAX], {}, {"data": []}, {"data": {}}, {"records": None}, {"records": {}}])
def test_no_listing(raw: object) -> None:
    """What is no list is never taken for an empty one: absence from it would prove something."""

    assert read_listing(raw, "sent") is None


def test_empty_listing() -> None:
    """An empty list is a complete one."""

    assert Listing((), complete=True) == read_listing({"records": []}, "outbox")


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"ids": {"+15551234567": "a1"}}, ("a1",)),
        ({"ids": {"+1 555-123-4567": "a1"}}, ("a1",)),
        ({"ids": {"5551234567": "a1"}}, ("a1",)),
        ({"ids": {"+15551234567": "a1", "+15550000000": "b2"}}, ("a1",)),
        ({"ids": {"+1555": "a1", "+1556": "b2"}}, ()),
        ({"ids": {"+15551234567": 17}}, ("17",)),
        ({"ids": {"+15551234567": None}}, ()),
        ({"ids": {"+15551234567": ["a1"]}}, ()),
        ({"ids": {}}, ()),
        ({"ids": None}, ()),
        ({"ids": ["a1"]}, ()),
        ({}, ()),
        ({"error": "queue_full"}, None),
        ({"error": "", "ids": {"+15551234567": "a1"}}, ("a1",)),
        ([], None),
        (None, None),
        ("ok", None),
    ],
)
def test_ids(body: object, ids: tuple[str, ...] | None) -> None:
    """The id of our one number is found whatever the spelling; never one of two guessed; an error is no acceptance."""

    assert ids == read_ids(body, "+15551234567")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"path": "/storage/transient-1.pdf"}, "/storage/transient-1.pdf"),
        ({"path": ""}, None),
        ({"path": " "}, None),
        ({"path": "a\nb"}, None),
        ({"path": 7}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_path(body: object, path: str | None) -> None:
    """The path is passed on verbatim, or not at all."""

    assert path == read_path(body)


def test_hint_examples() -> None:
    """A first try names one id twice, a retry two different ones."""
    first, retried = (json.dumps(CALLS[name]["value"]).encode() for name in ("firstTry", "retryFailed"))

    assert Hint(("66df09cf1d6d0b295c363956",), "success", "16699990001") == read_hint(first)
    both = ("66df09cf1d6d0b295c363956", "66df0a5a1d6d0b295c363999")
    assert Hint(both, "failed_user_busy", "16699990001") == read_hint(retried)


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b'{"data": {"id": "a"}}', Hint(("a",))),
        (b'{"hook": {"id": "a"}, "data": null}', Hint(("a",))),
        (b'{"hook": {"id": 7}, "data": {"id": "a", "to_number": "+1 2", "status": 5}}', Hint(("a", "7"), "", "12")),
        (b'{"hook": {"id": "a", "event": "fax_received"}, "data": {"id": "a"}}', None),
        (b'{"hook": {"id": "a", "event": "fax_page_received"}}', None),
        (b'{"hook": {"id": "a", "event": "fax_failed"}}', Hint(("a",))),
        (b'{"hook": {"id": ".."}, "data": {"id": ""}}', None),
        (b'{"hook": {"id": %d}}' % (10**40), None),
        (b"{}", None),
        (b"[]", None),
        (b"null", None),
        (b"", None),
        (b"\xff\xfe", None),
        (b'{"hook": {"id": "\\ud800"}}', None),
        (b"[" * 100_000, None),
        (b'{"data":' * 100_000, None),
    ],
)
def test_hint(body: bytes, hint: Hint | None) -> None:
    """Whatever names a sent fax is a hint; everything else is none, however deep or odd."""

    assert hint == read_hint(body)


@given(st.binary() | JSON.map(lambda raw: json.dumps(raw).encode()))
def test_hint_from_anything(body: bytes) -> None:
    """No body makes the webhook's reader stumble."""
    hint = read_hint(body)

    assert hint is None or all(hint.ids)


@given(
    JSON | st.fixed_dictionaries({}, optional=dict.fromkeys([*A_FAX, "to_number", "from_number", "page_count"], JSON))
)
def test_record_from_anything(raw: object) -> None:
    """No JSON makes the reader stumble, and what it gives can be kept."""
    for record in (read_record(raw, "sent"), read_record(raw, "outbox")):
        assert record is None or (record.id and record.status)


def test_huge_numbers() -> None:
    """A number that Python will not write is no id."""

    assert read_record(A_FAX | {"id": HUGE}, "sent") is None
    assert () == read_ids({"ids": {"+1": HUGE}}, "+1")
