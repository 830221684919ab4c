"""Reports, field by field (checklist H20 to H36, I20 to I24)."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from gateway.event import AnyEvent
from gateway.fax import Fax, Recipient
from gateway.notice import Composer, Library, Manner, Original, Story, to_bytes
from gateway.notice.report import reporting_mta
from gateway.submission import NoticeKind, Submission
from tests.histories import ACCEPTED, BUSY, CLAIMED, DELIVERED, STILL_SENDING, WRONG_NUMBER, lived
from tests.values import NOW, a_notice, a_submission

SENT = (CLAIMED, ACCEPTED, STILL_SENDING)
LIBRARY = Library()
LETTER = b"From: a@b\r\nSubject: Invoice\r\n\r\nHello.\r\n"
ASKED = "SUCCESS,FAILURE,DELAY"


def composer(**manner: Any) -> Composer:
    """Somebody who writes."""
    return Composer(LIBRARY, Manner(sender="postmaster@fax.local", own_name="fax.local", **manner))


def parsed(mail: EmailMessage) -> EmailMessage:
    """The mail, as it arrives."""
    again = message_from_bytes(to_bytes(mail), policy=default)
    assert isinstance(again, EmailMessage)
    return again


def report(
    *events: AnyEvent,
    submission: Submission | None = None,
    letter: bytes | None = LETTER,
    whole: bool = False,
    receipts: bool = False,
    **changed: Any,
) -> EmailMessage:
    """The mail about a fax to which these events happened."""
    fax, history = lived(*events, **changed)
    story = Story(fax=fax, changes=history, until=NOW + 86_400)
    original = None if letter is None else Original(letter, whole=whole)
    write = composer(receipts=receipts)
    notice, mail = a_notice(kind=NoticeKind.OUTCOME if fax.final else NoticeKind.LATE), submission or a_submission()
    return parsed((write.outcome if fax.final else write.late)(notice, mail, [story], original=original))


def kinds(mail: EmailMessage) -> list[str]:
    """The types of its parts."""
    return [part.get_content_type() for part in mail.iter_parts()]


def groups(mail: EmailMessage) -> list[dict[str, str]]:
    """The fields of the machine's part, group by group."""
    part = list(mail.iter_parts())[1]
    return [{name: str(value) for name, value in group.items()} for group in part.get_payload()]  # type: ignore[union-attr]  # groups


def test_its_parts() -> None:
    """H22: for people, for machines, and the header of what it is about, in this order."""
    mail = report(*SENT, WRONG_NUMBER)

    assert ("multipart/report", "delivery-status") == (
        mail.get_content_type(),
        mail["Content-Type"].params["report-type"],
    )
    assert ["multipart/alternative", "message/delivery-status", "text/rfc822-headers"] == kinds(mail)


def test_its_header() -> None:
    """H21, H32, H33: from a human being, to the sender, in their thread, an automatic answer."""
    mail = report(*SENT, WRONG_NUMBER)
    names = ("From", "To", "Auto-Submitted", "In-Reply-To", "References")

    assert [
        "Fax gateway <postmaster@fax.local>",
        "alice@example.org",
        "auto-replied",
        "<1@example.org>",
        "<1@example.org>",
    ] == [str(mail[name]) for name in names]


@pytest.mark.parametrize(("envid", "shown"), [("a+b", "a+b"), ("", None), ("QQ314159", "QQ314159")])
def test_envid(envid: str, shown: str | None) -> None:
    """H23: decoded, and only if given."""

    assert shown == groups(report(*SENT, WRONG_NUMBER, submission=a_submission(envid=envid)))[0].get(
        "Original-Envelope-Id"
    )


def test_fields_of_the_mail() -> None:
    """H24: who reports, and since when we have it."""

    assert {"Reporting-MTA": "dns; fax.local", "Arrival-Date": "Fri, 15 Jan 2027 08:00:00 +0000"} == groups(
        report(*SENT, WRONG_NUMBER)
    )[0]
    assert "x-local-hostname; faxhost" == reporting_mta("faxhost")


def test_held_back() -> None:
    """A report about a mail that was held back says how that was asked for (RFC 4865 section 5.1.2)."""
    whole = groups(report(*SENT, WRONG_NUMBER, submission=a_submission(hold="for;3600")))[0]

    assert ("for;3600", "Fri, 15 Jan 2027 08:00:00 +0000") == (whole["Future-Release-Request"], whole["Arrival-Date"])


ADDRESS = "FAX=+12025550123/ATTN=Ann.Lee@fax.local"


@pytest.mark.parametrize(
    ("orcpt", "shown"), [("", None), ("rfc822;Bob@example.org", "rfc822; Bob@example.org"), ("x; y", "x; y")]
)
def test_recipients(orcpt: str, shown: str | None) -> None:
    """H25, H26, A12: what RCPT said, octet for octet, and ORCPT if there was one."""
    group = groups(report(*SENT, WRONG_NUMBER, recipient=ADDRESS, orcpt=orcpt))[1]

    assert (shown, f"rfc822; {ADDRESS}") == (group.get("Original-Recipient"), group["Final-Recipient"])


def test_a_failure() -> None:
    """H27 to H31: action, status, FAX.PLUS's own word, never called an SMTP reply, and our fields."""
    group = groups(report(*SENT, WRONG_NUMBER))[1]

    assert {
        "Final-Recipient": "rfc822; 12025550123@fax.local",
        "Action": "failed",
        "Status": "5.1.1",
        "Remote-MTA": "x-faxplus; restapi.fax.plus",
        "Diagnostic-Code": "x-faxplus; failed_unallocated_number",
        "Last-Attempt-Date": "Fri, 15 Jan 2027 08:02:00 +0000",
        "Final-Log-ID": "r1",
        "X-Fax-Id": "f1",
        "X-Fax-Number": "+12025550123",
    } == group


def test_a_delay() -> None:
    """H29: until when we try, in this report alone."""
    delayed, failed = groups(report(*SENT, BUSY))[1], groups(report(*SENT, WRONG_NUMBER))[1]

    assert ("delayed", "4.4.1", "Sat, 16 Jan 2027 08:00:00 +0000") == (
        delayed["Action"],
        delayed["Status"],
        delayed["Will-Retry-Until"],
    )
    assert "Will-Retry-Until" not in failed


def test_a_time_limit() -> None:
    """E5: it stands in the report."""

    assert (
        "Fri, 15 Jan 2027 08:00:10 +0000"
        == groups(report(*SENT, WRONG_NUMBER, by_at=NOW + 10, by_mode="N"))[1]["Deliver-By-Date"]
    )


def test_nothing_is_said_of_what_nobody_knows() -> None:
    """A fax that was never tried has no last attempt, no id there, and no word of theirs."""

    assert {"Final-Recipient", "Action", "Status", "X-Fax-Id", "X-Fax-Number", "Will-Retry-Until"} == set(
        groups(report())[1]
    )


@pytest.mark.parametrize(
    ("events", "whole", "letter", "returned"),
    [
        ((*SENT, WRONG_NUMBER), True, LETTER, "message/rfc822"),
        ((*SENT, WRONG_NUMBER), False, LETTER, "text/rfc822-headers"),
        ((*SENT, DELIVERED), True, LETTER, "text/rfc822-headers"),
        (SENT, True, LETTER, "text/rfc822-headers"),
        ((*SENT, WRONG_NUMBER), True, LETTER + b"\xff\r\n", "text/rfc822-headers"),
        ((*SENT, WRONG_NUMBER), True, LETTER + b"x" * 999 + b"\r\n", "text/rfc822-headers"),
        ((*SENT, WRONG_NUMBER), True, LETTER + b"bare\n", "text/rfc822-headers"),
    ],
)
def test_what_is_returned(events: tuple[AnyEvent, ...], whole: bool, letter: bytes, returned: str) -> None:  # noqa: FBT001  # a column
    """H9: the whole mail only after failure, when asked for, and when it needs no encoding; else its header."""
    mail = report(*events, whole=whole, letter=letter, notify=ASKED)

    assert returned == kinds(mail)[2]


def test_the_mail_comes_back_octet_for_octet() -> None:
    """What RET=FULL asks for."""
    letter = LETTER + b"--b\r\n.\r\nFrom here\r\n=?x?=\r\n\r\n--b--\r\n"
    fax, history = lived(*SENT, WRONG_NUMBER)
    original = Original(letter, whole=True)
    raw = to_bytes(composer().outcome(a_notice(), a_submission(), [Story(fax=fax, changes=history)], original=original))

    assert b"Content-Type: message/rfc822\r\n\r\n" + letter + b"\r\n--=_f1.3.0--" in raw


def test_a_mail_that_is_gone_does_not_come_back() -> None:
    """The third part is optional (RFC 6522 section 3)."""

    assert ["multipart/alternative", "message/delivery-status"] == kinds(report(*SENT, WRONG_NUMBER, letter=None))


def several(*wishes: tuple[str, tuple[AnyEvent, ...]]) -> EmailMessage:
    """One mail about several faxes, each with its NOTIFY."""
    stories = []
    for number, (notify, events) in enumerate(wishes):
        fax, history = lived(*events, id=f"f{number}", recipient=f"{number}@fax.local", notify=notify)
        stories.append(Story(fax=fax, changes=history))
    return parsed(composer().outcome(a_notice(), a_submission(), stories, original=Original(LETTER, whole=False)))


def test_several_faxes_are_several_groups() -> None:
    """B16, H12: each that is reported, and no success that nobody asked to have reported; people read of all."""
    mail = several(("", (*SENT, WRONG_NUMBER)), ("", (*SENT, DELIVERED)), ("SUCCESS", (*SENT, DELIVERED)))
    told = [(group["Final-Recipient"], group["Action"]) for group in groups(mail)[1:]]

    assert [("rfc822; 0@fax.local", "failed"), ("rfc822; 2@fax.local", "delivered")] == told
    assert 3 == len(mail.get_all("X-Fax-Result", []))


@pytest.mark.parametrize(
    ("asked", "events", "listed"),
    [
        (("", ""), (*SENT, WRONG_NUMBER), ["one", "two"]),
        (("", ""), (*SENT,), ["one", "two"]),
        (("NEVER", ""), (*SENT, WRONG_NUMBER), ["two"]),
        (("FAILURE", "DELAY"), (*SENT, WRONG_NUMBER), ["one"]),
        (("FAILURE", "DELAY"), (*SENT,), ["two"]),
        (("", "SUCCESS"), (*SENT, DELIVERED), ["two"]),
        (("SUCCESS", "SUCCESS"), (*SENT, DELIVERED), ["one", "two"]),
    ],
)
def test_two_spellings(asked: tuple[str, str], events: tuple[AnyEvent, ...], listed: list[str]) -> None:
    """One fax, and a group for each recipient that wants this told: no other is listed (RFC 3461 section 5.2.8)."""
    names = ("one", "two")
    written = tuple(
        Recipient(f"{name}@fax.local", notify, f"rfc822;{name}@example.org")
        for name, notify in zip(names, asked, strict=True)
    )
    wanted = ",".join(filter(None, asked)).replace("NEVER", "")
    _, *found = groups(report(*events, written=written, notify=wanted))

    assert [f"rfc822; {name}@fax.local" for name in listed] == [group["Final-Recipient"] for group in found]
    assert [f"rfc822; {name}@example.org" for name in listed] == [group["Original-Recipient"] for group in found]


def test_success_alone_is_no_report() -> None:
    """H5: a plain confirmation, whoever many it tells of."""

    assert "multipart/alternative" == several(("", (*SENT, DELIVERED)), ("", (*SENT, DELIVERED))).get_content_type()


ASKS = a_submission(receipt_to="ALICE@example.org")


@pytest.mark.parametrize(
    ("submission", "events", "receipts", "expected"),
    [
        (ASKS, (*SENT, DELIVERED), True, "disposition-notification"),
        (ASKS, (*SENT, DELIVERED), False, None),
        (a_submission(), (*SENT, DELIVERED), True, None),
        (replace(ASKS, receipt_to="eve@example.org"), (*SENT, DELIVERED), True, None),
        (ASKS, (*SENT, WRONG_NUMBER), True, "delivery-status"),
    ],
)
def test_receipts(
    submission: Submission,
    events: tuple[AnyEvent, ...],
    receipts: bool,  # noqa: FBT001  # a column of the table
    expected: str | None,
) -> None:
    """I20 to I23: only if switched on and asked for, to nobody but the sender; after failure a report, never both."""
    mail = report(*events, submission=submission, receipts=receipts)

    assert expected == mail["Content-Type"].params.get("report-type")


def test_a_receipt() -> None:
    """I24: dispatched, which is RFC 8098's word for faxed."""
    mail = report(*SENT, DELIVERED, submission=ASKS, receipts=True, orcpt="rfc822;b@c")

    assert [
        {
            "Reporting-UA": "fax.local; fax-gateway",
            "Original-Recipient": "rfc822; b@c",
            "Final-Recipient": "rfc822; 12025550123@fax.local",
            "Original-Message-ID": "<1@example.org>",
            "Disposition": "automatic-action/MDN-sent-automatically; dispatched",
        }
    ] == groups(mail)
    assert mail["Disposition-Notification-To"] is None


def test_every_field_is_one_line() -> None:
    """However long, however odd: nothing in a report is folded, encoded or a field of its own."""
    odd = "a=?utf-8?q?=41?=" + "b" * 400 + "\r\nAction: delivered\x00ü@fax.local"
    raw = to_bytes_of(*lived(*SENT, WRONG_NUMBER, recipient=odd, orcpt=f"rfc822;{odd}"))
    status = raw.split(b"message/delivery-status")[1].split(b"\r\n--=_")[0].decode("ascii")

    assert 1 == len(re.findall(r"(?m)^Action: ", status))
    assert f"Final-Recipient: rfc822; a=?utf-8?q?=41?={'b' * 400}??Action: delivered??@fax.local\r\n" in status


def to_bytes_of(fax: Fax, history: list[Any]) -> bytes:
    """The mail about a fax, over the wire."""
    return to_bytes(composer().outcome(a_notice(), a_submission(), [Story(fax=fax, changes=history)]))
