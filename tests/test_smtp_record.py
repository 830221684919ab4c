"""What is put on record; the rest is proven where mail comes in (test_smtp_intake)."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from gateway.config import SenderSettings
from gateway.message import Mail
from gateway.smtp import record
from gateway.smtp.address import Address
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.incoming import Incoming
from gateway.smtp.parameters import NO_WISHES, MailWishes, RcptWishes
from gateway.spool import Spool
from gateway.submission import Fragment, NoticeKind
from tests.values import NOW, a_document


def an_incoming(directory: Path, **envelope: object) -> Incoming:
    """A mail that has arrived."""
    draft = Spool(directory).draft("id1")
    sender = Address("alice", "example.org", "alice@example.org")
    made = Envelope(client=Client(ip=ip_address("192.0.2.1"), user="alice"), sender=sender, **envelope)  # type: ignore[arg-type]  # changed by name
    incoming = Incoming(made, draft, b"", limit=1000, may_write=lambda size: None)
    incoming.reader.feed(b"Hello\r\n.\r\n")
    draft.discard()
    return incoming


def test_unreadable_mail_has_its_envelope(tmp_path: Path) -> None:
    """When only the envelope could be read, the record says what it says, and nothing is invented."""
    submission = record.submission(an_incoming(tmp_path), None, (), NOW)

    assert ("id1", "alice@example.org", "192.0.2.1 as alice", 7) == (
        submission.id,
        submission.sender,
        submission.client,
        submission.size,
    )
    assert ("", "", "", "", None, False) == (
        submission.rule,
        submission.message_id,
        submission.references,
        submission.subject,
        submission.confirm_to,
        submission.quiet,
    )


def test_rule_says_who_hears(tmp_path: Path) -> None:
    """The rule that let the mail in, and its address for confirmations, are kept with it."""
    rule = SenderSettings.model_validate(
        {"name": "office", "networks": ["192.0.2.1"], "confirm_to": "desk@example.org"}
    )
    submission = record.submission(an_incoming(tmp_path, rule=rule), None, (), NOW)

    assert ("office", "desk@example.org") == (submission.rule, submission.confirm_to)


def test_rule_says_how_it_is_faxed_and_answered(tmp_path: Path) -> None:
    """Its number, its language and its discretion are kept with the mail, for the rule may change."""
    usual = {"name": "office", "networks": ["192.0.2.1"]}
    plain, special = (
        record.submission(an_incoming(tmp_path / name, rule=SenderSettings.model_validate(rule)), None, (), NOW)
        for name, rule in (
            ("plain", usual),
            ("special", usual | {"number": "+12025550101", "language": "de", "discreet": True}),
        )
    )

    assert ("", "en", False) == (plain.from_number, plain.language, plain.discreet)
    assert ("+12025550101", "de", True) == (special.from_number, special.language, special.discreet)


@pytest.mark.parametrize(
    ("quiet", "confirm_machines", "expected"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_machines_hear_of_success_where_the_rule_says_so(
    tmp_path: Path, *, quiet: bool, confirm_machines: bool, expected: bool
) -> None:
    """Else they hear of failures only; people hear of both."""
    rule = SenderSettings.model_validate(
        {"name": "erp", "networks": ["192.0.2.1"], "confirm_machines": confirm_machines}
    )
    mail = Mail(
        documents=(),
        left_out=(),
        message_id="",
        references="",
        subject="",
        automatic=None,
        quiet=quiet,
        receipt_to="",
        received=1,
    )

    assert expected is record.submission(an_incoming(tmp_path, rule=rule), mail, (), NOW).quiet


def test_one_fax_a_number_and_one_forward(tmp_path: Path) -> None:
    """Each gets an id of its own."""
    ids = iter(["a", "b", "c"])
    incoming = an_incoming(
        tmp_path, written={"+12025550123": {"x@y": NO_WISHES}, "+12025550124": {"z@y": NO_WISHES}}, for_operator=True
    )
    faxes = record.faxes(incoming, lambda: next(ids), NOW)
    notices = record.notices(incoming, "it@example.org", lambda: next(ids), NOW)

    assert [("a", "+12025550123", "x@y"), ("b", "+12025550124", "z@y")] == [
        (fax.id, fax.number, fax.recipient) for fax in faxes
    ]
    assert [("c", NoticeKind.FORWARD)] == [(notice.id, notice.kind) for notice in notices]


def test_wishes_are_kept(tmp_path: Path) -> None:
    """What MAIL asked for goes with the mail and its faxes, what RCPT asked for with the fax that it made."""
    wishes = MailWishes(hold="for;60", envid="QQ 1", ret="HDRS", by_at=NOW + 600, by_mode="R")
    asked = RcptWishes(notify="NEVER", orcpt="rfc822;x@y")
    written = {"+12025550123": {"x@y": asked}, "+12025550124": {"z@y": NO_WISHES}}
    incoming = an_incoming(tmp_path, written=written, wishes=wishes)
    submission = record.submission(incoming, None, (), NOW)
    first, second = record.faxes(incoming, lambda: "a", NOW)

    assert ("for;60", "QQ 1", "HDRS") == (submission.hold, submission.envid, submission.ret)
    assert ("NEVER", "rfc822;x@y", NOW + 600, "R") == (first.notify, first.orcpt, first.by_at, first.by_mode)
    assert ("", "", NOW + 600, "R") == (second.notify, second.orcpt, second.by_at, second.by_mode)


@pytest.mark.parametrize(("release_at", "leaves_at"), [(None, NOW), (NOW + 3600, NOW + 3600), (NOW - 1, NOW)])
def test_held_back(release_at: float | None, leaves_at: float, tmp_path: Path) -> None:
    """A fax is due when its sender lets it go, and its time counts from there; content may arrive after that."""
    incoming = an_incoming(
        tmp_path, written={"+12025550123": {"x@y": NO_WISHES}}, wishes=MailWishes(release_at=release_at)
    )
    [fax] = record.faxes(incoming, lambda: "a", NOW)

    assert (NOW, leaves_at, leaves_at) == (fax.created_at, fax.queued_at, fax.due_at)


def test_cover_makes_another_fax(tmp_path: Path) -> None:
    """The text on the cover page is kept, and the same documents with another text are no repeat."""
    contents = {record.content((a_document(),), cover) for cover in ("", "Hello", "Goodbye")}

    assert 3 == len(contents)
    assert "" == record.content((), "Hello")


@pytest.mark.parametrize(("joined", "faxes"), [("", 0), ("id1", 1)])
def test_piece(joined: str, faxes: int, tmp_path: Path) -> None:
    """A mere piece is put on record as one and has no faxes; the whole has."""
    incoming = an_incoming(tmp_path, written={"+15551234567": {"15551234567@fax.local": NO_WISHES}})
    incoming.fragment = Fragment(whole="a" * 64, number=1, total=2, joined=joined)

    assert incoming.fragment == record.submission(incoming, None, (), NOW).fragment
    assert faxes == len(record.faxes(incoming, lambda: "f1", NOW))
