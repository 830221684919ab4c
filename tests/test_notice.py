"""The gateway's mails: byte for byte in `tests/data/notices/`, and correct whatever a stranger's mail says.

After a wanted change of the wording, `REWRITE_NOTICES=1 pytest tests/test_notice.py` writes the files anew; read the
difference as the recipient would.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import notice as notices
from gateway.fax import FINAL, Change, Fax, State
from gateway.submission import Kind, LeftOut, NoticeKind, Submission
from tests.histories import (
    ACCEPTED,
    BUSY,
    CANCELLED,
    CLAIMED,
    CUT_OFF,
    DEFERRED,
    DELIVERED,
    GIVEN_UP,
    NOT_SEEN,
    NOT_THERE,
    REFUSED,
    RESENT,
    STILL_BUSY,
    STILL_SENDING,
    STRANGE_WORD,
    UNPAID,
    WRONG_NUMBER,
    lived,
)
from tests.values import a_document, a_fax, a_notice, a_submission

GOLDEN = Path(__file__).parent / "data" / "notices"
SENT = (CLAIMED, ACCEPTED, STILL_SENDING)
FROM = {"sender": "postmaster@fax.local", "own_name": "fax.local"}
FIVE_PAGES = a_submission(documents=(a_document(pages=5),))

HOSTILE = a_submission(
    subject="=?utf-8?q?ok?= \r\nBcc: all@example.org\x00 \u202egpj.exe " + "x" * 10_000,
    message_id="<1@example.org>\r\nBcc: all@example.org",
    left_out=(LeftOut("\ud800\nX-Fax-State: delivered", "because\r\n\r\nof you"),),
    documents=(a_document(name="../../etc/passwd\r\n.\r\n\u2066"), a_document(name="")),
)
FOREIGN = a_submission(
    subject="Überweisung für Zoë — übermorgen fällig, bitte um Rückruf wegen der Prüfung 👍",
    documents=(a_document(name="Gebühren 2027.pdf"), a_document(name="発注書.tif", kind=Kind.TIFF, pages=1)),
    references="<0@example.org> <junk> <00@example.org>",
)
MACHINE = a_submission(subject="", message_id="", confirm_to="front-desk@example.org", left_out=())
ORIGINAL = (
    b"From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.org>\r\nTo: postmaster@fax.local\r\n"
    b"Subject: your confirmations\r\n\r\nThey arrive twice.\xff\r\n.\r\nbare\nline feeds\r\n"
)


def outcome(submission: Submission, *events: Any, **changed: Any) -> EmailMessage:
    """The confirmation for a fax to which these events happened."""
    fax, history = lived(*events, **changed)
    return notices.outcome(a_notice(), fax, submission, history, **FROM)


def late(*events: Any) -> EmailMessage:
    """The mail that says that a fax takes long, to which these events happened."""
    fax, history = lived(*events)
    notice = a_notice(id="f1.late", kind=NoticeKind.LATE)
    return notices.late(notice, fax, a_submission(), history, gives_up_at=fax.queued_at + 86_400, **FROM)


MAILS: dict[str, Callable[[], EmailMessage]] = {
    "delivered": lambda: outcome(a_submission(), *SENT, DELIVERED),
    "delivered-at-the-second-attempt": lambda: outcome(a_submission(), *SENT, BUSY, *SENT, DELIVERED),
    "delivered-fewer-pages-counted": lambda: outcome(FIVE_PAGES, *SENT, DELIVERED),
    "delivered-from-a-machine": lambda: outcome(MACHINE, *SENT, DELIVERED),
    "delivered-in-other-scripts": lambda: outcome(FOREIGN, *SENT, replace(DELIVERED, pages=3)),
    "failed-busy": lambda: outcome(a_submission(), *SENT, BUSY, *SENT, BUSY, *SENT, STILL_BUSY),
    "failed-wrong-number": lambda: outcome(a_submission(), *SENT, WRONG_NUMBER),
    "failed-partly-sent": lambda: outcome(FIVE_PAGES, *SENT, CUT_OFF),
    "unknown-word-of-fax-plus": lambda: outcome(a_submission(), *SENT, STRANGE_WORD),
    "unknown-while-sending": lambda: outcome(a_submission(), *SENT, GIVEN_UP),
    "unknown-after-a-lost-answer": lambda: outcome(a_submission(), CLAIMED, NOT_SEEN, GIVEN_UP),
    "given-up-never-taken": lambda: outcome(a_submission(), *([CLAIMED, DEFERRED] * 80), CLAIMED, NOT_THERE, GIVEN_UP),
    "given-up-after-busy": lambda: outcome(a_submission(), *SENT, BUSY, *([CLAIMED, DEFERRED] * 3), GIVEN_UP),
    "given-up-without-credit": lambda: outcome(a_submission(), *SENT, UNPAID, *SENT, UNPAID, GIVEN_UP),
    "given-up-after-an-earlier-doubt": lambda: outcome(
        a_submission(), CLAIMED, NOT_SEEN, GIVEN_UP, RESENT, CLAIMED, DEFERRED, GIVEN_UP
    ),
    "late-in-the-queue": lambda: late(*SENT, BUSY, *([CLAIMED, DEFERRED] * 9)),
    "late-in-doubt": lambda: late(CLAIMED, NOT_SEEN),
    "late-while-sending": lambda: late(*SENT),
    "refused": lambda: outcome(a_submission(), CLAIMED, REFUSED),
    "cancelled-in-the-queue": lambda: outcome(a_submission(), CANCELLED),
    "cancelled-while-fax-plus-had-it": lambda: outcome(a_submission(), *SENT, CANCELLED),
    "failed-after-resending": lambda: outcome(a_submission(), *SENT, WRONG_NUMBER, RESENT, *SENT, STILL_BUSY),
    "hostile": lambda: outcome(HOSTILE, *SENT, WRONG_NUMBER),
    "operator": lambda: notices.operator(
        a_notice(
            id="operator.faxplus-credit.20270115",
            kind=NoticeKind.OPERATOR,
            recipient="it@example.org",
            subject="Faxes are waiting: no credit at FAX.PLUS",
            text="FAX.PLUS has no credit left on the account.\n\n    fax-gateway list\n\nshows what waits.\n",
        ),
        **FROM,
    ),
    "forward": lambda: notices.forward(
        a_notice(id="s1.forward", kind=NoticeKind.FORWARD, recipient="it@example.org"), ORIGINAL, **FROM
    ),
}


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_byte_for_byte(name: str) -> None:
    """What the recipient gets is what was read and found good."""
    path = GOLDEN / f"{name}.eml"
    if "REWRITE_NOTICES" in os.environ:
        path.write_bytes(notices.to_bytes(MAILS[name]()))

    assert path.read_bytes() == notices.to_bytes(MAILS[name]())


def test_no_golden_mail_is_left_over() -> None:
    """Every file belongs to a case."""

    assert set(MAILS) == {path.stem for path in GOLDEN.iterdir()}


EVERYTHING = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "X-Auto-Response-Suppress",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Content-Language",
    "Auto-Submitted",
    "In-Reply-To",
    "References",
    "X-Fax-Id",
    "X-Fax-State",
    "X-Fax-Number",
    "X-Fax-Status",
    "X-Fax-Attempts",
    "X-Fax-Pages",
    "X-Fax-Counted",
    "X-Fax-Duration",
    "X-Fax-Cost",
}
ANYTHING = st.text(max_size=200) | st.text(
    st.characters(codec=None, categories=["Cc", "Cf", "Cs", "Zl", "Zp", "So", "Lo"])
)
BROKEN = st.sampled_from(
    ["=?utf-8?b?4oCu?=", "=?utf-8?q?=0D=0ABcc:_a=40b?= ", "=?x?", "\r\nBcc: a@b\r\n\r\n", "\x00", "x" * 900]
)
FOREIGN_WORDS = st.lists(ANYTHING | BROKEN, max_size=4).map("".join)


@given(
    subject=FOREIGN_WORDS,
    name=FOREIGN_WORDS,
    why=FOREIGN_WORDS,
    ids=FOREIGN_WORDS,
    reason=FOREIGN_WORDS,
    status=FOREIGN_WORDS,
    recipient=FOREIGN_WORDS,
)
@settings(max_examples=150, deadline=None)
def test_no_foreign_words_break_a_mail(
    subject: str, name: str, why: str, ids: str, reason: str, status: str, recipient: str
) -> None:
    """Whatever stands in a mail or in FAX.PLUS's answer: our fields alone, each once, subject and text as composed."""
    submission = a_submission(
        subject=subject,
        message_id=ids,
        references=ids,
        left_out=(LeftOut(name, why),),
        documents=(a_document(name=name),),
    )
    ended = replace(WRONG_NUMBER, status=status, reason=reason)
    fax, history = lived(*SENT, ended, recipient=name)
    mail = notices.outcome(a_notice(recipient=recipient), fax, submission, history, **FROM)
    raw = notices.to_bytes(mail)
    again = message_from_bytes(raw, policy=default)

    assert set(again.keys()) <= EVERYTHING
    assert len(set(again.keys())) == len(again.keys())
    assert [] == again.defects
    assert str(mail["Subject"]) == str(again["Subject"])
    assert raw.isascii()
    assert not [line for line in raw.split(b"\r\n") if len(line) > 998 or b"\r" in line or b"\n" in line]
    assert mail.get_content() == again.get_content().replace("\r\n", "\n")


@given(original=st.binary(max_size=2000), subject=FOREIGN_WORDS)
@settings(max_examples=100, deadline=None)
def test_a_forwarded_mail_arrives_octet_for_octet(original: bytes, subject: str) -> None:
    """Whatever somebody wrote to postmaster@: the operator finds exactly that in the attachment."""
    written = b"Subject: " + subject.encode("utf-8", "surrogatepass") + b"\r\n" + original
    again = message_from_bytes(
        notices.to_bytes(notices.forward(a_notice(kind=NoticeKind.FORWARD), written, **FROM)), policy=default
    )
    text, attachment = again.iter_parts()

    assert written == attachment.get_content()
    assert "mail.eml" == attachment.get_filename()
    assert "text/plain" == text.get_content_type()
    assert again["Subject"].startswith("Mail to postmaster: ")


@given(subject=FOREIGN_WORDS, text=FOREIGN_WORDS)
@settings(max_examples=100, deadline=None)
def test_no_words_break_a_mail_to_the_operator(subject: str, text: str) -> None:
    """What FAX.PLUS or a relay said may stand in it."""
    mail = notices.operator(a_notice(kind=NoticeKind.OPERATOR, subject=subject, text=text), **FROM)
    again = message_from_bytes(notices.to_bytes(mail), policy=default)

    assert set(again.keys()) <= EVERYTHING
    assert str(mail["Subject"]) == str(again["Subject"])
    assert mail.get_content() == again.get_content().replace("\r\n", "\n")


def ended(state: State, status: str) -> tuple[Fax, list[Change]]:
    """A fax that ended so, with no more history than that."""
    return a_fax(state=state, status=status, due_at=None, ended_at=0.0), []


@pytest.mark.parametrize("state", sorted(FINAL - {State.DELIVERED}))
@pytest.mark.parametrize("status", ["", "success", "failed", "unknown", "partially_sent", "delivered", "in_progress"])
def test_delivered_is_said_of_delivered_faxes_alone(state: State, status: str) -> None:
    """Whatever FAX.PLUS's last word: only the state speaks of success."""
    fax, history = ended(state, status)
    mail = notices.outcome(a_notice(), fax, a_submission(subject=""), history, **FROM)
    first_line = mail.get_content().splitlines()[0]

    assert "delivered" not in mail["Subject"].lower()
    assert "was delivered" not in first_line
    assert state == mail["X-Fax-State"]


def test_a_fax_that_has_not_ended_has_no_outcome() -> None:
    """Nobody can be told how it ended."""
    fax, history = lived(*SENT)

    with pytest.raises(ValueError, match="has not ended"):
        notices.outcome(a_notice(), fax, a_submission(), history, **FROM)


QUIET = a_submission(quiet=True)


@pytest.mark.parametrize(
    ("submission", "events", "expected"),
    [
        (a_submission(), (*SENT, DELIVERED), "alice@example.org"),
        (a_submission(), (*SENT, WRONG_NUMBER), "alice@example.org"),
        (a_submission(), (CANCELLED,), "alice@example.org"),
        (a_submission(confirm_to="desk@example.org"), (*SENT, DELIVERED), "desk@example.org"),
        (a_submission(sender=""), (*SENT, WRONG_NUMBER), None),
        (a_submission(sender="", confirm_to="desk@example.org"), (*SENT, DELIVERED), "desk@example.org"),
        (QUIET, (*SENT, DELIVERED), None),
        (QUIET, (*SENT, WRONG_NUMBER), "alice@example.org"),
        (QUIET, (*SENT, GIVEN_UP), "alice@example.org"),
        (QUIET, (CANCELLED,), "alice@example.org"),
        (a_submission(), SENT, None),
    ],
)
def test_who_is_owed_a_mail(submission: Submission, events: tuple[Any, ...], expected: str | None) -> None:
    """The sender, or whom the operator named; a machine only when it went wrong; nobody before the end."""
    fax, _ = lived(*events)

    assert expected == notices.owed(fax, submission)
