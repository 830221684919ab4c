"""What is put on record; the rest is proven where mail comes in (test_smtp_intake)."""

from ipaddress import ip_address
from pathlib import Path

from gateway.config import SenderSettings
from gateway.smtp import record
from gateway.smtp.address import Address
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.incoming import Incoming
from gateway.spool import Spool
from gateway.submission import NoticeKind
from tests.values import NOW


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


def test_one_fax_a_number_and_one_forward(tmp_path: Path) -> None:
    """Each gets an id of its own."""
    ids = iter(["a", "b", "c"])
    incoming = an_incoming(tmp_path, numbers={"+12025550123": "x@y", "+12025550124": "z@y"}, for_operator=True)
    faxes = record.faxes(incoming, lambda: next(ids), NOW)
    notices = record.notices(incoming, "it@example.org", lambda: next(ids), NOW)

    assert [("a", "+12025550123", "x@y"), ("b", "+12025550124", "z@y")] == [
        (fax.id, fax.number, fax.recipient) for fax in faxes
    ]
    assert [("c", NoticeKind.FORWARD)] == [(notice.id, notice.kind) for notice in notices]
