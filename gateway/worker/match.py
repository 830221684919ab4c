"""Which of the records at FAX.PLUS are a fax of ours. Never a guess between two. Pure."""

import re
from collections.abc import Iterable

from gateway.fax import Fax
from gateway.faxplus import Record

TOKEN = re.compile(r"[a-z0-9]{4,32}-\d+")
BEFORE = 60.0
"""Seconds by which FAX.PLUS's clock may be behind ours."""
AFTER = 180.0
"""Seconds after the claim within which its POST must have arrived: fence, request and the clocks' difference."""


def known(fax: Fax, records: Iterable[Record]) -> list[Record]:
    """Return the records of this dialling: by our token, or by an id that FAX.PLUS gave it."""
    return [record for record in records if record.token == fax.token or _by_id(fax, record)]


def possible(fax: Fax, records: Iterable[Record]) -> list[Record]:
    """Return the records that bear no token of ours and went to the same number: they could be this dialling."""
    return [record for record in records if TOKEN.fullmatch(record.token) is None and _same_number(fax, record)]


def likely(fax: Fax, records: Iterable[Record], ahead: float) -> list[Record]:
    """Return those of them that were submitted when we claimed it; FAX.PLUS's clock is `ahead` seconds of ours."""
    return [record for record in possible(fax, records) if not record.token and _in_time(fax, record, ahead)]


def comments_are_kept(records: Iterable[Record]) -> bool:
    """Whether sent faxes of this account show our comment, so that one without it is none of ours."""
    return any(record.place == "sent" and TOKEN.fullmatch(record.token) for record in records)


def ours(fax: Fax, record: Record) -> bool:
    """Whether a record that FAX.PLUS showed for one of our ids is not marked as another fax's.

    A person may write into the comment; but a token of ours says whose it is, whatever the id.
    """
    return record.token == fax.token or TOKEN.fullmatch(record.token) is None


def _by_id(fax: Fax, record: Record) -> bool:
    return record.id in fax.remote_ids and ours(fax, record)


def _same_number(fax: Fax, record: Record) -> bool:
    return record.to == (fax.number.removeprefix("+"),)


def _in_time(fax: Fax, record: Record, ahead: float) -> bool:
    if record.submitted_at is None or fax.claimed_at is None:
        return True
    return -BEFORE <= record.submitted_at - ahead - fax.claimed_at <= AFTER
