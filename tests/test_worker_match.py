"""Which record is whose: by token, by id, by number and time; never one that is marked as another's."""

from typing import Any

import pytest

from gateway.fax import State
from gateway.faxplus import Record
from gateway.worker import match
from gateway.worker.match import AFTER, BEFORE
from tests.values import NOW, a_fax

FAX = a_fax(id="fax1", state=State.SUBMITTED, attempt=2, claimed_at=NOW, remote_ids=("r1", "r2"), number="+15551234567")


def a_record(**changed: Any) -> Record:
    """A sent fax of somebody else, to another number."""
    usual: dict[str, Any] = {"id": "other", "place": "sent", "status": "success", "to": ("15550000000",)}
    return Record(**usual | changed)


@pytest.mark.parametrize(
    ("why", "record", "known"),
    [
        ("our token", a_record(token="fax1-2"), True),
        ("our token, our id", a_record(token="fax1-2", id="r1"), True),
        ("our token in the outbox", a_record(token="fax1-2", place="outbox", status="sending"), True),
        ("our id, no comment", a_record(id="r1"), True),
        ("our second id, no comment", a_record(id="r2"), True),
        ("our id, a person wrote into the comment", a_record(id="r1", token="seen by Bob, fax1-2"), True),
        ("our id, a person wrote something like a date", a_record(id="r1", token="paid 2027-01"), True),
        ("our id, but the token of another fax", a_record(id="r1", token="fax9-2"), False),
        ("our id, but the token of another dialling", a_record(id="r1", token="fax1-1"), False),
        ("another dialling", a_record(token="fax1-1"), False),
        ("a later dialling", a_record(token="fax1-22"), False),
        ("another fax", a_record(token="fax11-2"), False),
        ("our number alone", a_record(to=("15551234567",), submitted_at=NOW), False),
        ("nothing", a_record(), False),
    ],
)
def test_known(why: str, record: Record, known: bool) -> None:  # noqa: FBT001  # a column of the table
    """A record is known to be this dialling by its token or by its id, unless it is marked as another's."""

    assert ([record] if known else []) == match.known(FAX, [record]), why


@pytest.mark.parametrize(
    ("why", "changed", "likely"),
    [
        ("at the moment of the claim", {}, True),
        ("just not too early", {"submitted_at": NOW - BEFORE}, True),
        ("just too early", {"submitted_at": NOW - BEFORE - 1}, False),
        ("just not too late", {"submitted_at": NOW + AFTER}, True),
        ("just too late", {"submitted_at": NOW + AFTER + 1}, False),
        ("at an unreadable time", {"submitted_at": None}, True),
        ("marked as another's", {"token": "fax9-1"}, False),
        ("with a person's comment", {"token": "for Bob"}, False),
        ("to another number", {"to": ("15551234568",)}, False),
        ("to nobody", {"to": ()}, False),
        ("to more than our number", {"to": ("15551234567", "15551234568")}, False),
    ],
)
def test_likely(why: str, changed: dict[str, Any], likely: bool) -> None:  # noqa: FBT001  # a column of the table
    """A record without a token could be this dialling when number and time fit, or when the time does not tell."""
    record = a_record(**{"to": ("15551234567",), "submitted_at": NOW} | changed)

    assert ([record] if likely else []) == match.likely(FAX, [record], 0.0), why


def test_order_is_kept() -> None:
    """Records come out in the order in which FAX.PLUS listed them."""
    records = [a_record(id="b", token="fax1-2"), a_record(id="x"), a_record(id="a", token="fax1-2")]

    assert ["b", "a"] == [record.id for record in match.known(FAX, records)]
