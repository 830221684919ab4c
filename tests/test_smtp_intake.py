"""The way in: what is committed before 250, and that nothing stays of what is refused or fails."""

import asyncio
import errno
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.fax import Fax
from gateway.inspector import Finding, UnreadableError
from gateway.smtp import address, intake, postbox
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.means import Accept
from gateway.smtp.reply import RefusedError, Reply
from gateway.spool import Draft, Spool
from gateway.submission import Document, Kind, Notice, NoticeKind, Submission
from tests.smtp_house import LISTED, PDF, STRANGER, Desk, a_config, a_desk, a_mail
from tests.values import NOW, a_fax

NUMBER = "15551234567@fax.local"
QUEUED = Reply(250, "2.0.0", "queued as id1")
FAILED = Reply(451, "4.3.0", "temporary failure, please try again later")
FULL = Reply(452, "4.3.1", "no room for this mail at the moment, please try again later")


def an_envelope(desk: Desk, *recipients: str, sender: str = "alice@example.org", ip: str = LISTED) -> Envelope:
    """Say MAIL and RCPT."""
    client = Client(ip=ip_address(ip), name="printer", extended=True)
    envelope = Envelope(client=client, sender=address.parse(f"<{sender}>".encode(), "5.1.7")[0])
    for recipient in recipients:
        desk.intake.recipient(envelope, address.parse(f"<{recipient}>".encode(), "5.1.3")[0])
    return envelope


async def deliver(desk: Desk, *recipients: str, content: bytes | None = None, **envelope: str) -> Reply:
    """Send a mail through the whole intake."""
    incoming = desk.intake.begin(an_envelope(desk, *(recipients or (NUMBER,)), **envelope))
    incoming.reader.feed((a_mail() if content is None else content) + b".\r\n")
    return await desk.intake.finish(incoming)


def test_what_is_committed(tmp_path: Path) -> None:
    """One mail, its document, and one fax for each number, all due now; the file is in its place."""
    desk = a_desk(a_config(tmp_path))
    content = a_mail()
    reply = asyncio.run(deliver(desk, '"(555) 123-4567"@fax.local', "12025550123@fax.local"))
    [(submission, faxes, notices)] = desk.accepted
    spooled = desk.spool.path("id1").read_bytes()
    document = submission.documents[0]

    assert QUEUED == reply
    assert [None] == desk.kicks
    assert [("+15551234567", '"(555) 123-4567"@fax.local'), ("+12025550123", "12025550123@fax.local")] == [
        (fax.number, fax.recipient) for fax in faxes
    ]
    assert {("id1", NOW, NOW, NOW)} == {(fax.submission_id, fax.due_at, fax.created_at, fax.queued_at) for fax in faxes}
    assert () == tuple(notices)
    assert ("id1", "alice@example.org", "front-desk@example.org", "office", "127.0.0.1") == (
        submission.id,
        submission.sender,
        submission.confirm_to,
        submission.rule,
        submission.client,
    )
    assert ("<1@example.org>", "Invoice 17", len(content), NOW) == (
        submission.message_id,
        submission.subject,
        submission.size,
        submission.received_at,
    )
    assert spooled.endswith(content)
    assert spooled.startswith(b"Return-Path: <alice@example.org>\r\nReceived: from printer ([127.0.0.1])\r\n")
    assert (Kind.PDF, 2, "letter.pdf") == (document.kind, document.pages, document.name)
    assert PDF.replace(b"\n", b"\r\n") == spooled[document.offset : document.offset + document.length]
    assert document.size == document.length
    assert [] == desk.drafts()


def test_two_spellings_are_one_fax(tmp_path: Path) -> None:
    """A number that is named twice is called once, and what each spelling is called in reports is kept."""
    desk = a_desk(a_config(tmp_path))
    asyncio.run(deliver(desk, NUMBER, "FAX=+1-555-123-4567@fax.local", NUMBER))
    [fax] = desk.accepted[0][1]

    assert ("+15551234567", NUMBER) == (fax.number, fax.recipient)
    assert [NUMBER, "FAX=+1-555-123-4567@fax.local"] == [recipient.address for recipient in fax.recipients]


def numbered(subject: str) -> bytes:
    """A mail with this Subject."""
    return a_mail().replace(b"Subject: Invoice 17", b"Subject: " + subject.encode())


@pytest.mark.parametrize(
    "subject",
    ["+15551234567", "1-555-123-4567", " (555) 123-4567 ", "=?utf-8?B?MTU1NTEyMzQ1Njc=?=", "FAX=+15551234567"],
)
def test_number_in_the_subject(subject: str, tmp_path: Path) -> None:
    """Where the operator wants it an address stands for the number in the Subject; reports have the address."""
    desk = a_desk(a_config(tmp_path, numbers={"from_subject": "Scan"}))
    reply = asyncio.run(deliver(desk, "scan@fax.local", content=numbered(subject)))
    [fax] = desk.accepted[0][1]

    assert reply.ok
    assert ("+15551234567", "scan@fax.local") == (fax.number, fax.recipient)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Invoice 17", "554 5.1.1 the Subject of mail to this address must be a fax number and nothing else: not a"),
        ("", "554 5.1.1 the Subject"),
        ("Fax to 15551234567", "554 5.1.1 the Subject"),
        ("15551234567 15551234568", "554 5.1.3 the Subject"),
        ("911", "554 5.7.1 the Subject"),
        ("+4930123456", "550 5.7.1 "),
        ("+12025550100", "550 5.7.1 "),
    ],
)
def test_no_number_in_the_subject(subject: str, expected: str, tmp_path: Path) -> None:
    """The whole mail is refused in words, also for its other recipients, and nothing of it stays."""
    desk = a_desk(a_config(tmp_path, numbers={"from_subject": "scan"}))
    reply = asyncio.run(deliver(desk, NUMBER, "scan@fax.local", content=numbered(subject)))

    assert reply.encoded().decode().replace("-", " ", 1).startswith(expected)
    assert ([], set(), []) == (desk.drafts(), desk.spool.kept(), desk.accepted)


def test_number_in_the_subject_is_for_those_who_may_fax(tmp_path: Path) -> None:
    """And for nobody where the operator did not ask for it."""
    desks = [a_desk(a_config(tmp_path, numbers=numbers)) for numbers in ({"from_subject": "scan"}, {})]
    replies = []
    for desk, ip in ((desks[0], STRANGER), (desks[1], LISTED)):
        with pytest.raises(RefusedError) as refused:
            an_envelope(desk, "scan@fax.local", ip=ip)
        replies.append((refused.value.reply.code, refused.value.reply.enhanced))

    assert [(550, "5.7.1"), (550, "5.1.1")] == replies


def test_number_in_the_subject_of_a_piece(tmp_path: Path) -> None:
    """What a piece says in its Subject is not what the whole says."""
    desk = a_desk(a_config(tmp_path, numbers={"from_subject": "scan"}))
    head = b'Subject: 15551234567\r\nContent-Type: message/partial; id="a"; number=1; total=2\r\n\r\n'

    assert intake.IN_PIECES == asyncio.run(deliver(desk, "scan@fax.local", content=head + a_mail()))


def test_one_spelling(tmp_path: Path) -> None:
    """What stands there twice alike is one recipient."""
    desk = a_desk(a_config(tmp_path))
    asyncio.run(deliver(desk, NUMBER, NUMBER))
    [fax] = desk.accepted[0][1]

    assert ((), [NUMBER]) == (fax.written, [recipient.address for recipient in fax.recipients])


@pytest.mark.parametrize("recipient", ["postmaster", "PostMaster@fax.local", "abuse@FAX.local"])
def test_mail_to_the_operator(recipient: str, tmp_path: Path) -> None:
    """Anybody's mail to postmaster is kept and passed on; it needs no document."""
    desk = a_desk(a_config(tmp_path))
    reply = asyncio.run(
        deliver(desk, recipient, recipient, sender="", ip=STRANGER, content=b"Subject: Hi\r\n\r\nHello\r\n")
    )
    [(submission, faxes, notices)] = desk.accepted

    assert QUEUED == reply
    assert ("", "", ()) == (submission.sender, submission.rule, submission.documents)
    assert () == tuple(faxes)
    assert [(NoticeKind.FORWARD, "it@example.org", "id1", NOW)] == [
        (notice.kind, notice.recipient, notice.submission_id, notice.due_at) for notice in notices
    ]


def test_mail_to_number_and_operator(tmp_path: Path) -> None:
    """One mail can be both: faxed and passed on."""
    desk = a_desk(a_config(tmp_path))
    asyncio.run(deliver(desk, NUMBER, "postmaster"))

    assert (1, 1) == (len(desk.accepted[0][1]), len(desk.accepted[0][2]))


def test_strangers_cannot_fill_the_disk(tmp_path: Path) -> None:
    """Mail to postmaster from somebody who may not fax is small."""
    desk = a_desk(a_config(tmp_path))
    large = b"Subject: x\r\n\r\n" + (b"x" * 998 + b"\r\n") * 1000
    reply = asyncio.run(deliver(desk, "postmaster", ip=STRANGER, content=large))

    assert Reply(552, "5.3.4", "the mail is too large") == reply


def test_strangers_cannot_bury_the_operator(tmp_path: Path) -> None:
    """Nor fill it with many mails: after some the next ones are to come later, and faxes still have their turn."""
    desk = a_desk(a_config(tmp_path))
    codes = [
        asyncio.run(deliver(desk, "postmaster", ip=STRANGER, content=b"Subject: x\r\n\r\n")).code
        for _ in range(postbox.MOST_OF_ONE)
    ]
    with pytest.raises(RefusedError) as refused:
        asyncio.run(deliver(desk, "postmaster", ip=STRANGER))

    assert [250] * postbox.MOST_OF_ONE == codes
    assert 450 == refused.value.reply.code
    assert asyncio.run(deliver(desk, ip=LISTED)).ok
    assert [] == desk.drafts()


async def unreadable(path: Path, kind: Kind, name: str) -> Finding:
    """Stand where the inspector stands: every document is damaged."""
    raise UnreadableError(f'"{name}" is encrypted')


HOPS = "Received: from a by b; Tue, 24 Nov 2026 13:50:00 +0000\r\n"


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (b"Subject: x\r\n\r\nnothing attached\r\n", {}, "554 5.6.1"),
        (a_mail(("letter.docx", b"PK\3\4 word")), {}, "554 5.6.1"),
        (a_mail(("a.pdf", PDF), ("b.exe", b"MZ\x90")), {}, "554 5.6.1"),
        (a_mail(), {"inspect": unreadable}, "554 5.6.5"),
        (a_mail(before="Auto-Submitted: auto-replied\r\n"), {}, "550 5.7.1"),
        (a_mail(before=HOPS * 101), {}, "554 5.4.6"),
        (b"Subject: x\r\n\r\nbare\nline\r\n", {}, "550 5.5.2"),
        (b"", {}, "554 5.6.1"),
    ],
    ids=["no document", "other kind", "one of two", "unreadable", "automatic", "loop", "bare LF", "empty"],
)
def test_refused(content: bytes, options: dict[str, Any], expected: str, tmp_path: Path) -> None:
    """What cannot be faxed is refused after the dot, and nothing of it stays."""
    desk = a_desk(a_config(tmp_path), **options)
    with capture_logs() as logs:
        reply = asyncio.run(deliver(desk, content=content))

    assert expected == f"{reply.code} {reply.enhanced}"
    assert ["mail.refused"] == [entry["event"] for entry in logs]
    assert "letter" not in str(logs)
    assert ([], [], []) == (desk.accepted, desk.drafts(), desk.kicks)
    assert set() == desk.spool.kept()


def test_refusal_names_the_file(tmp_path: Path) -> None:
    """The sender reads which document it was, and why."""
    desk = a_desk(a_config(tmp_path), inspect=unreadable)
    reply = asyncio.run(deliver(desk, content=a_mail(("Gr\u00fc\u00dfe.pdf", PDF))))

    assert b'554 5.6.5 "Gr??e.pdf" is encrypted\r\n' == reply.encoded()


def test_a_hundred_hops_are_no_loop(tmp_path: Path) -> None:
    """Long ways are long, not round."""
    desk = a_desk(a_config(tmp_path))

    assert QUEUED == asyncio.run(deliver(desk, content=a_mail(before=HOPS * 100)))


def test_loop_to_the_operator(tmp_path: Path) -> None:
    """Mail to postmaster can go round in circles too."""
    desk = a_desk(a_config(tmp_path))
    content = f"{HOPS * 101}Subject: x\r\n\r\nHello\r\n".encode()

    assert 554 == asyncio.run(deliver(desk, "postmaster", content=content)).code


def test_broken_commit(tmp_path: Path) -> None:
    """When the commit fails the client keeps the mail, and we keep nothing and tell nothing."""

    async def broken(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        raise RuntimeError("database password is swordfish")

    desk = a_desk(a_config(tmp_path), accept=broken)
    with capture_logs() as logs:
        reply = asyncio.run(deliver(desk))

    assert FAILED == reply
    assert "swordfish" not in str(logs)
    assert ["mail.failed"] == [entry["event"] for entry in logs]
    assert ([], []) == (desk.drafts(), desk.kicks)
    assert set() == desk.spool.kept()


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError()])
def test_unknown_commit(error: Exception, tmp_path: Path) -> None:
    """When nobody knows whether it was committed, the file stays until somebody does."""

    async def unknown(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        raise error

    desk = a_desk(a_config(tmp_path), accept=unknown)

    assert FAILED == asyncio.run(deliver(desk))
    assert {"id1"} == desk.spool.kept()


def test_cancelled_commit(tmp_path: Path) -> None:
    """When everything ends in the middle of a commit, the file stays: the commit may have happened."""

    async def cancelled(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        raise asyncio.CancelledError

    desk = a_desk(a_config(tmp_path), accept=cancelled)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(deliver(desk))

    assert {"id1"} == desk.spool.kept()


def test_client_gone_while_committing(tmp_path: Path) -> None:
    """A session that is cancelled while its mail is committed changes nothing; `settle` waits for the commit."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    committed: list[str] = []

    async def slow(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        begun.set()
        await go_on.wait()
        committed.append(submission.id)
        return ()

    desk = a_desk(a_config(tmp_path), accept=slow)

    async def run() -> None:
        session = asyncio.create_task(deliver(desk))
        await begun.wait()
        session.cancel()
        with pytest.raises(asyncio.CancelledError):
            await session
        go_on.set()
        await desk.intake.settle()

    asyncio.run(run())

    assert ["id1"] == committed
    assert [None] == desk.kicks
    assert {"id1"} == desk.spool.kept()


def folded(*numbers: str) -> Accept:
    """Stand where the store stands: faxes to these numbers repeat others."""

    async def accept(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        return [a_fax(id=f"first{number}", submission_id="mail0", number=number) for number in numbers]

    return accept


def test_repeat(tmp_path: Path) -> None:
    """A mail that is nothing but a repeat is acknowledged as the first; nothing of it stays, and nobody is woken."""
    desk = a_desk(a_config(tmp_path), accept=folded("+15551234567"))
    with capture_logs() as logs:
        reply = asyncio.run(deliver(desk))

    assert Reply(250, "2.0.0", "queued as mail0") == reply
    assert [("mail.repeated", "id1", ["first+15551234567"])] == [
        (entry["event"], entry["id"], entry["faxes"]) for entry in logs
    ]
    assert ([], []) == (desk.drafts(), desk.kicks)
    assert set() == desk.spool.kept()


@pytest.mark.parametrize("other", ["12025550123@fax.local", "postmaster"])
def test_repeat_in_part(other: str, tmp_path: Path) -> None:
    """What of a mail is new is accepted, and its file stays; what is a repeat is no fax of it."""
    desk = a_desk(a_config(tmp_path), accept=folded("+15551234567"))
    with capture_logs() as logs:
        reply = asyncio.run(deliver(desk, NUMBER, other))

    expected = ["id3"] if other != "postmaster" else []

    assert QUEUED == reply
    assert ["mail.repeated", "mail.accepted"] == [entry["event"] for entry in logs]
    assert expected == logs[1]["faxes"]
    assert [None] == desk.kicks
    assert {"id1"} == desk.spool.kept()


def test_window_and_content(tmp_path: Path) -> None:
    """The store is told how far back a repeat may lie, and the same documents have the same hash in every mail."""
    seen: list[tuple[str, float]] = []

    async def look(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        seen.append((submission.content, window))
        return ()

    desk = a_desk(a_config(tmp_path, limits={"repeat_window": "5m"}), accept=look)
    asyncio.run(deliver(desk))
    asyncio.run(deliver(desk, content=a_mail(before="Date: yesterday\r\n")))
    asyncio.run(deliver(desk, content=a_mail(("a.pdf", PDF), ("b.pdf", PDF))))
    asyncio.run(deliver(desk, "postmaster", content=b"Subject: Hi\r\n\r\nHello\r\n"))

    assert {300.0} == {window for _, window in seen}
    assert seen[0] == seen[1] != seen[2]
    assert 64 == len(seen[0][0])
    assert "" == seen[3][0]


class Frozen:
    """Stands where the store stands: does not answer until it is told how."""

    def __init__(self) -> None:
        self.thaw = asyncio.Event()
        self.error: Exception | None = None

    async def accept(
        self, submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        """Wait, then fail or accept."""
        await self.thaw.wait()
        if self.error is not None:
            raise self.error
        return ()


def test_frozen_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client waits a few seconds for a commit; when it comes after all, the mail is ours and goes its way."""
    monkeypatch.setattr(intake, "COMMIT_PATIENCE", 0.05)
    frozen = Frozen()
    desk = a_desk(a_config(tmp_path), accept=frozen.accept)

    async def run() -> tuple[Reply, set[str], int]:
        reply = await deliver(desk)
        await desk.intake.settle()
        before = desk.spool.kept(), len(desk.kicks)
        frozen.thaw.set()
        await asyncio.gather(*desk.intake._late)
        return reply, *before

    with capture_logs() as logs:
        assert (FAILED, {"id1"}, 0) == asyncio.run(run())
    assert ["mail.failed", "mail.accepted"] == [entry["event"] for entry in logs]
    assert "TimeoutError" == logs[0]["error"]
    assert ({"id1"}, [None]) == (desk.spool.kept(), desk.kicks)


def test_documents_that_take_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client waits a minute for its documents to be opened, and keeps its mail then; nothing of it stays here."""
    monkeypatch.setattr(intake, "EXAMINE_PATIENCE", 0.05)

    async def never(path: Path, kind: Kind, name: str) -> Finding:
        await asyncio.Event().wait()
        raise AssertionError

    desk = a_desk(a_config(tmp_path), inspect=never)

    assert intake.TOO_BUSY == asyncio.run(deliver(desk))
    assert ([], set(), []) == (desk.drafts(), desk.spool.kept(), desk.accepted)


def test_frozen_commit_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it turns out later that it was not committed, the file goes and the log tells."""
    monkeypatch.setattr(intake, "COMMIT_PATIENCE", 0.05)
    frozen = Frozen()
    frozen.error = RuntimeError("secret")
    desk = a_desk(a_config(tmp_path), accept=frozen.accept)

    async def run() -> Reply:
        reply = await deliver(desk)
        frozen.thaw.set()
        await asyncio.gather(*desk.intake._late, return_exceptions=True)
        return reply

    with capture_logs() as logs:
        assert FAILED == asyncio.run(run())
    assert [("mail.failed", "TimeoutError", "id1"), ("mail.failed", "RuntimeError", "id1")] == [
        (entry["event"], entry["error"], entry["id"]) for entry in logs
    ]
    assert "secret" not in str(logs)
    assert set() == desk.spool.kept()


def test_reserve_while_a_mail_arrives(tmp_path: Path) -> None:
    """Mail that got past MAIL does not fill the reserve either."""
    desk = a_desk(a_config(tmp_path, limits={"reserve": "999999 GB"}))

    assert FULL == asyncio.run(deliver(desk))
    assert ([], []) == (desk.accepted, desk.drafts())


class BrokenSpool(Spool):
    """A spool on a disk that fails in one place."""

    def __init__(self, directory: Path, where: str, number: int) -> None:
        super().__init__(directory)
        self._where = where
        self._number = number

    def draft(self, id: str) -> Draft:  # the house says id everywhere
        """Begin a mail."""
        self.fail("draft")
        made = super().draft(id)
        return BrokenDraft(made, self)

    def keep(self, draft: Draft) -> None:
        """Keep it."""
        self.fail("keep")
        super().keep(draft)
        self.fail("directory")

    def fail(self, where: str) -> None:
        """Fail, if this is the place."""
        if where == self._where:
            raise OSError(self._number, "injected")


class BrokenDraft(Draft):
    """A draft on such a disk."""

    def __init__(self, sound: Draft, spool: BrokenSpool) -> None:
        super().__init__(sound.id, sound.path, sound._file)
        self._spool = spool

    def write(self, chunk: bytes) -> None:
        """Add what arrived."""
        self._spool.fail("write")
        super().write(chunk)

    def flush(self) -> None:
        """Flush."""
        self._spool.fail("flush")
        super().flush()


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, FULL), (errno.EDQUOT, FULL), (errno.EIO, FAILED)])
@pytest.mark.parametrize("where", ["draft", "write", "flush", "keep", "directory"])
def test_broken_disk(where: str, number: int, expected: Reply, tmp_path: Path) -> None:
    """Wherever the disk fails before the commit, the client may try again, and nothing is left behind."""
    desk = a_desk(a_config(tmp_path), spool=BrokenSpool(tmp_path / "spool", where, number))
    try:
        reply = asyncio.run(deliver(desk))
    except RefusedError as error:
        reply = error.reply

    assert expected == reply
    assert ([], []) == (desk.accepted, desk.drafts())
    assert set() == desk.spool.kept()


def test_truly_full_disk(tmp_path: Path) -> None:
    """A draft whose last octets cannot be written is removed all the same."""
    desk = a_desk(a_config(tmp_path))

    async def run() -> Reply:
        incoming = desk.intake.begin(an_envelope(desk, NUMBER))
        incoming.draft._file.close()
        incoming.draft._file = open("/dev/full", "wb")  # noqa: ASYNC230, PTH123, SIM115  # every write fails
        incoming.reader.feed(a_mail() + b".\r\n")
        return await desk.intake.finish(incoming)

    assert FULL == asyncio.run(run())
    assert [] == desk.drafts()


def test_unpacked_documents_go(tmp_path: Path) -> None:
    """The inspector meets each document in a file of its own, which is gone afterwards."""
    met: list[tuple[bytes, Kind, str]] = []

    async def look(path: Path, kind: Kind, name: str) -> Finding:
        met.append((await asyncio.to_thread(path.read_bytes), kind, name))
        return Finding(kind=kind, pages=1)

    desk = a_desk(a_config(tmp_path), inspect=look)
    asyncio.run(deliver(desk, content=a_mail(("a.pdf", PDF), ("b.pdf", PDF))))
    documents: tuple[Document, ...] = desk.accepted[0][0].documents
    crlf = PDF.replace(b"\n", b"\r\n")

    assert [(crlf, Kind.PDF, "a.pdf"), (crlf, Kind.PDF, "b.pdf")] == met
    assert [(0, "a.pdf", len(crlf)), (1, "b.pdf", len(crlf))] == [
        (one.position, one.name, one.size) for one in documents
    ]
    assert [] == desk.drafts()


def test_log_of_an_accepted_mail(tmp_path: Path) -> None:
    """The log says which faxes came of it, and neither number, subject nor name."""
    with capture_logs() as logs:
        asyncio.run(deliver(a_desk(a_config(tmp_path))))

    assert [
        {
            "event": "mail.accepted",
            "log_level": "info",
            "id": "id1",
            "client": "127.0.0.1",
            "rule": "office",
            "faxes": ["id2"],
            "pages": 2,
            "size": len(a_mail()),
        }
    ] == logs
