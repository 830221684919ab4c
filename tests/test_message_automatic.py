"""Mail that machines wrote: what is never faxed, and what is faxed quietly."""

import pytest

from gateway.message.automatic import automatic, quiet
from gateway.message.header import Header


def header(*fields: str) -> Header:
    """A header with these fields."""
    pairs = (field.partition(":") for field in fields)
    return Header(tuple((name.lower(), value.encode()) for name, _, value in pairs))


@pytest.mark.parametrize(
    ("field", "content_type", "expected"),
    [
        ("Auto-Submitted: auto-replied", "text/plain", "it is an automatic answer (Auto-Submitted: auto-replied)"),
        (
            "Auto-Submitted: Auto-Notified; x=y",
            "text/plain",
            "it is an automatic answer (Auto-Submitted: auto-notified)",
        ),
        (
            "Auto-Submitted: (because) auto-replied (vacation)",
            "text/plain",
            "it is an automatic answer (Auto-Submitted: auto-replied)",
        ),
        ("Auto-Submitted: (me) no", "text/plain", None),
        ("Auto-Submitted: no", "text/plain", None),
        ("Auto-Submitted:", "text/plain", None),
        ("Auto-Submitted: auto-generated", "text/plain", None),
        ("Subject: x", "multipart/report", "it is a report about another mail"),
        ("List-Unsubscribe: <mailto:x>", "text/plain", "it comes from a mailing list"),
        ("Precedence: junk", "text/plain", "it is mass mail (Precedence: junk)"),
        ("Precedence: list", "text/plain", "it is mass mail (Precedence: list)"),
        ("Precedence: bulk", "text/plain", None),
        ("X-Autoreply: yes", "text/plain", "it is an automatic answer (X-Autoreply)"),
        ("X-Autoreply: no", "text/plain", None),
        ("X-Auto-Response-Suppress: All", "text/plain", None),
        ("X-Fax-Id: 7k3m9q2xw1", "text/plain", "it is a confirmation of a fax that has come back"),
        ("X-Fax-Send-At: tomorrow", "text/plain", None),
    ],
)
def test_automatic(field: str, content_type: str, expected: str | None) -> None:
    """Answers, reports and lists are told apart from what scanners and programs send."""

    assert expected == automatic(header(field), content_type)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), False),
        (("Auto-Submitted: auto-generated",), True),
        (("Precedence: Bulk",), True),
        (("Auto-Submitted: (scanner) auto-generated; owner-email=it@example.org",), True),
        (("Auto-Submitted: no", "Precedence: normal"), False),
        (("X-Auto-Response-Suppress: All",), True),
        (("X-Auto-Response-Suppress: OOF, AutoReply",), True),
        (("X-Auto-Response-Suppress: OOF, DR",), False),
        (("X-Auto-Response-Suppress: None",), False),
    ],
)
def test_quiet(fields: tuple[str, ...], expected: bool) -> None:  # noqa: FBT001  # a row of a table
    """Programs that say so hear of failures only."""

    assert expected == quiet(header(*fields))
