"""The facts of a mail for programs: header fields that keep their names and meanings, and the same as JSON.

A mail about one fax has

    X-Fax-Id          our id of the fax
    X-Fax-State       delivered, failed or cancelled; before its end: queued, submitting or submitted
    X-Fax-Outcome     what is said of it: delivered, fewer, failed, partial, unknown, refused, not_sent, cancelled;
                      before its end: late, accepted
    X-Fax-Number      the number, E.164
    X-Fax-Status      FAX.PLUS's last word on it, or `unknown`; absent when there was none
    X-Fax-Attempts    how often FAX.PLUS is known to have taken it, to dial
    X-Fax-Pages       pages of all its documents, and its cover page
    X-Fax-Counted     pages that FAX.PLUS counted; absent when it did not say
    X-Fax-Duration    seconds on the line; absent when FAX.PLUS did not say
    X-Fax-Cost        as FAX.PLUS counts it; absent when it did not say

and a mail about several has, for each of them, a field of the same facts, by their names in lower case:

    X-Fax-Result      id=...; state=...; outcome=...; number=...; status=...; attempts=...; pages=...

Every mail about faxes has X-Fax-Submission, the id that the SMTP reply named (`queued as ...`). In discreet mails a
number is `...` and its last three digits.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.notice.page import Told
from gateway.notice.plain import cut, token
from gateway.submission import Submission

VERSION = 1
"""Of the JSON; grows when a key changes its meaning or goes."""

LONGEST = 200


def header(submission: Submission, told: Sequence[Told]) -> list[tuple[str, str]]:
    """Return the header fields."""
    whose = [("X-Fax-Submission", token(submission.id))]
    if len(told) == 1:
        facts = _facts(submission, told[0])
        return [*whose, *((f"X-Fax-{name.capitalize()}", token(_written(fact))) for name, fact in facts.items())]
    results = (
        "; ".join(f"{name}={token(_written(fact))}" for name, fact in _facts(submission, one).items()) for one in told
    )
    return [*whose, *(("X-Fax-Result", result) for result in results)]


def as_json(submission: Submission, told: Sequence[Told]) -> str:
    """Return the facts as JSON, in ASCII."""
    document = {
        "version": VERSION,
        "submission": submission.id,
        "received_at": _iso(submission.received_at),
        "message_id": cut(submission.message_id, LONGEST),
        "subject": cut(submission.subject, LONGEST),
        "documents": [
            {"name": cut(one.name, LONGEST), "kind": one.kind, "pages": one.pages} for one in submission.documents
        ],
        "left_out": [{"name": cut(part.name, LONGEST), "why": cut(part.why, LONGEST)} for part in submission.left_out],
        "faxes": [_facts(submission, one) | _more(one) for one in told],
    }
    return json.dumps(document, indent=1) + "\n"


def _facts(submission: Submission, told: Told) -> dict[str, Any]:
    fax = told.story.fax
    facts = {
        "id": fax.id,
        "state": fax.state,
        "outcome": told.says.kind,
        "number": fax.number,
        "status": cut(fax.status, LONGEST) or None,
        "attempts": sum(attempt.dialled for attempt in told.story.tried),
        "pages": submission.pages,
        "counted": fax.pages,
        "duration": fax.duration,
        "cost": fax.cost,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _more(told: Told) -> dict[str, Any]:
    """What has no place in a header."""
    fax, words = told.story.fax, {"sentence": told.says.sentence, "advice": told.says.advice}
    ended = {} if fax.ended_at is None else {"ended_at": _iso(fax.ended_at)}
    return {"recipient": cut(fax.recipient, LONGEST), "remote_ids": list(fax.remote_ids), **ended, **words}


def _written(fact: Any) -> str:
    return f"{fact:g}" if isinstance(fact, float) else str(fact)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
