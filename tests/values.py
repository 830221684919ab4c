"""Ordinary values for tests; each test changes what it is about."""

from typing import Any

from gateway.fax import Fax
from gateway.submission import Document, Kind, LeftOut, Notice, NoticeKind, Submission

NOW = 1_800_000_000.0


def a_fax(**changed: Any) -> Fax:
    """A fax that was accepted just now."""
    usual: dict[str, Any] = {
        "id": "f1",
        "submission_id": "s1",
        "number": "+15551234567",
        "recipient": "15551234567@fax.local",
        "due_at": NOW,
        "created_at": NOW,
        "queued_at": NOW,
    }
    return Fax(**usual | changed)


def a_document(**changed: Any) -> Document:
    """A two-page PDF."""
    usual: dict[str, Any] = {
        "position": 0,
        "name": "letter.pdf",
        "kind": Kind.PDF,
        "pages": 2,
        "offset": 400,
        "length": 1000,
        "encoding": "base64",
        "size": 740,
        "sha256": "0" * 64,
    }
    return Document(**usual | changed)


def a_submission(**changed: Any) -> Submission:
    """A mail with one document."""
    usual: dict[str, Any] = {
        "id": "s1",
        "sender": "alice@example.org",
        "confirm_to": None,
        "rule": "office",
        "client": "127.0.0.1",
        "message_id": "<1@example.org>",
        "references": "",
        "subject": "Invoice 17",
        "quiet": False,
        "received_at": NOW,
        "size": 2000,
        "sha256": "1" * 64,
        "left_out": (LeftOut("logo.png", "a picture"),),
        "documents": (a_document(),),
    }
    return Submission(**usual | changed)


def a_notice(**changed: Any) -> Notice:
    """The confirmation owed for `a_fax`."""
    usual: dict[str, Any] = {
        "id": "f1.3",
        "kind": NoticeKind.OUTCOME,
        "recipient": "alice@example.org",
        "fax_id": "f1",
        "submission_id": "s1",
        "created_at": NOW,
        "due_at": NOW,
    }
    return Notice(**usual | changed)
