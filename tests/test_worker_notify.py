"""Notices: offered until the relay takes them, always the same mail; what is given up the operator hears of."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.config import RelaySettings
from gateway.event import Cancelled, Refused, Resent
from gateway.mailbox import Mailbox
from gateway.mailer import Mailer
from gateway.store import Store
from gateway.submission import Fragment, Notice, NoticeKind
from gateway.worker.notify import Notifier
from gateway.worker.scribe import Scribe
from gateway.worker.stranded import StrandedTeller
from tests.values import a_fax, a_notice, a_submission
from tests.workshop import OPERATOR, Workshop, workshop

DAY = 86400.0


@asynccontextmanager
async def post_office(place: Path, **confirmations: Any) -> AsyncIterator[tuple[Workshop, Mailbox, Notifier]]:
    """A workshop with a notifier, whose relay is a real mail server."""
    sections = {
        "hostname": "fax.example.org",
        "relay": {"sender": "fax@example.org"},
        "confirmations": confirmations,
    }
    async with workshop(place, sections) as shop, Mailbox() as mailbox:
        relay = RelaySettings(host="127.0.0.1", port=mailbox.port, tls="off")
        notifier = Notifier(
            store=shop.store,
            mailer=Mailer(relay, "fax.example.org"),
            scribe=Scribe(
                shop.config, store=shop.store, spool=shop.spool, schedule=shop.schedule, faxplus=shop.faxplus
            ),
            per_hour=shop.config.confirmations.per_hour,
            ledger=shop.ledger,
            schedule=shop.schedule,
            patience=shop.patience,
            lease=240.0,
            now=shop.clock,
        )
        yield shop, mailbox, notifier


async def a_fax_that_failed(shop: Workshop) -> Notice:
    """The notice that is owed for it."""
    await shop.accept()
    await shop.live(Refused(reason="no"))
    return (await shop.store.notices("fax1"))[0]


async def the_notice(shop: Workshop, id: str = "fax1.1") -> Notice:
    """As it is on record now."""
    return next(notice for notice in await shop.store.notices("fax1") if notice.id == id)


def header(mailbox: Mailbox, name: str) -> list[str]:
    """A header field of every mail that came."""
    mails = [message_from_bytes(mail.content, policy=policy.default) for mail in mailbox.mails]
    return [str(mail[name]) for mail in mails]


def test_sender_is_told_once(tmp_path: Path) -> None:
    """The mail goes to whom it is owed, from nobody that could bounce, and never again."""

    async def story() -> None:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await a_fax_that_failed(shop)
            for _ in range(3):
                await notifier.notify_due()
                shop.pass_by(DAY)

            assert [("", ("alice@example.org",))] == [(mail.sender, mail.recipients) for mail in mailbox.mails]
            assert ["<fax1.1@fax.example.org>"] == header(mailbox, "Message-ID")
            assert ["failed"] == header(mailbox, "X-Fax-State")
            assert (1, None, "") == ((sent := await the_notice(shop)).attempts, sent.due_at, sent.last_error)
            assert shop.clock() - 3 * DAY == sent.sent_at

    asyncio.run(story())


def test_offered_until_it_is_taken(tmp_path: Path) -> None:
    """A relay that takes nothing for now is asked again, more rarely each time, with the same mail."""

    async def story() -> list[float]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await a_fax_that_failed(shop)
            mailbox.refuse("451 4.3.0 later", times=3)
            waits = []
            for _ in range(3):
                await notifier.notify_due()
                deferred = await the_notice(shop)

                assert deferred.due_at is not None
                assert deferred.last_error.startswith("the relay refused the mail: 451")
                waits.append(deferred.due_at - shop.clock())
                shop.pass_by(waits[-1])
            await notifier.notify_due()

            assert 1 == len(mailbox.mails)
            return waits

    assert [30.0, 120.0, 600.0] == asyncio.run(story())


def test_the_same_mail_after_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay took it and that could not be written down: it leaves again, octet for octet."""

    async def full(_self: Store, _notice: Notice) -> None:
        raise OSError(28, "No space left on device")

    async def story() -> list[bytes]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await a_fax_that_failed(shop)
            with monkeypatch.context() as patch:
                patch.setattr(Store, "tried", full)
                with pytest.raises(OSError, match="No space left"):
                    await notifier.notify_due()
            shop.pass_by(3600)
            await notifier.notify_due()
            return [mail.content for mail in mailbox.mails]

    first, second = asyncio.run(story())

    assert first == second


@pytest.mark.parametrize(
    ("reply", "days", "attempts"), [("550 5.1.1 no such user", 0.0, 1), ("451 4.3.0 later", 5.0, 5)]
)
def test_given_up(reply: str, days: float, attempts: int, tmp_path: Path) -> None:
    """The relay never takes it: the operator hears that a sender was not told, and which."""

    async def story() -> tuple[int, float | None, str]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await a_fax_that_failed(shop)
            mailbox.refuse(reply, times=attempts)
            for _ in range(attempts):
                await notifier.notify_due()
                shop.pass_by(days * DAY)
            await notifier.notify_due()
            dropped = await the_notice(shop)
            (mail,) = mailbox.mails
            text = message_from_bytes(mail.content, policy=policy.default).get_content()

            assert (OPERATOR,) == mail.recipients
            assert ["A confirmation could not be delivered"] == header(mailbox, "Subject")
            assert "fax1.1 (fax fax1)" in " ".join(text.split())
            assert dropped.sent_at is None
            return dropped.attempts, dropped.due_at, dropped.last_error[:28]

    assert (attempts, None, "the relay refused the mail: ") == asyncio.run(story())


def test_no_mail_about_a_mail_to_the_operator(tmp_path: Path) -> None:
    """When the operator's own mail cannot be delivered, that is logged, and there it ends."""

    async def story() -> tuple[list[str], int]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await shop.ledger.tell_operator("token", "Waiting", "The token is wrong.\n")
            mailbox.refuse("550 5.1.1 no such user")
            with capture_logs() as logs:
                await notifier.notify_due()
                await notifier.notify_due()
            return [entry["event"] for entry in logs], len(mailbox.mails)

    assert (["notice.dropped"], 0) == asyncio.run(story())


def test_mail_to_the_operator(tmp_path: Path) -> None:
    """It says what the ledger wrote."""

    async def story() -> tuple[list[str], str]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await shop.ledger.tell_operator("token", "Faxes are waiting", "The token is wrong.\n")
            await notifier.notify_due()
            text = message_from_bytes(mailbox.mails[0].content, policy=policy.default).get_content()
            return header(mailbox, "Subject"), " ".join(text.split())

    subjects, text = asyncio.run(story())

    assert ["Faxes are waiting"] == subjects
    assert "The token is wrong." in text


def test_mail_to_postmaster_is_passed_on(tmp_path: Path) -> None:
    """The operator gets what was sent to postmaster@, as it was."""

    async def story() -> bytes:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await shop.accept()
            shop.spool.path("mail1").write_bytes(b"Subject: help\r\n\r\nNo fax comes through.\r\n")
            forward = {"kind": NoticeKind.FORWARD, "recipient": OPERATOR, "fax_id": None, "submission_id": "mail1"}
            await shop.store.owe(a_notice(id="forward.mail1", **forward))
            await notifier.notify_due()
            mail = message_from_bytes(mailbox.mails[0].content, policy=policy.default)
            (attached,) = mail.iter_attachments()
            content = attached.get_content()
            assert isinstance(content, bytes)
            return content

    assert b"Subject: help\r\n\r\nNo fax comes through.\r\n" == asyncio.run(story())


async def mail_is_gone(shop: Workshop) -> str:
    """What is to be passed on is no longer there."""
    await shop.accept()
    shop.spool.remove("mail1")
    forward = {"kind": NoticeKind.FORWARD, "recipient": OPERATOR, "fax_id": None, "submission_id": "mail1"}
    await shop.store.owe(a_notice(id="broken", **forward))
    return "broken"


async def fax_has_not_ended(shop: Workshop) -> str:
    """A notice about a fax that has not ended; nobody writes such a one."""
    await shop.accept()
    await shop.store.owe(a_notice(id="fax1.0", fax_id="fax1", submission_id="mail1"))
    return "fax1.0"


@pytest.mark.parametrize("broken", [mail_is_gone, fax_has_not_ended])
def test_one_that_cannot_be_written_holds_nobody_up(
    broken: Callable[[Workshop], "asyncio.Future[str]"], tmp_path: Path
) -> None:
    """An error of our own over one notice is logged, it is tried again, and the others leave."""

    async def story() -> tuple[list[tuple[str, ...]], list[str]]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            id = await broken(shop)
            shop.pass_by(1)
            await shop.ledger.tell_operator("token", "Waiting", "Wrong.\n")
            with capture_logs() as logs:
                await notifier.notify_due()
            stumbled = [entry["notice"] for entry in logs if entry["event"] == "notice.stumbled"]

            assert [id] == stumbled
            assert [] == await shop.store.due_notices(shop.clock())
            left = await shop.store.due_notices(shop.clock() + 60)
            return [mail.recipients for mail in mailbox.mails], [notice.last_error for notice in left]

    assert ([(OPERATOR,)], ["an error of our own; see the log"]) == asyncio.run(story())


def test_resent_before_its_sender_was_told(tmp_path: Path) -> None:
    """The relay was away when the operator had the fax sent again: only how that ends is told, once."""

    async def story() -> tuple[list[str], list[tuple[str, bool]]]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await a_fax_that_failed(shop)
            await shop.live(Resent(retry_at=shop.clock()))
            with capture_logs() as logs:
                await notifier.notify_due()
            await shop.live(Refused(reason="no again"))
            await notifier.notify_due()
            owed = [(notice.id, notice.sent_at is not None) for notice in await shop.store.notices("fax1")]

            assert ["notice.overtaken"] == [entry["event"] for entry in logs]
            assert None is await shop.store.next_notice_due()
            return header(mailbox, "Message-ID"), owed

    expected = (["<fax1.3@fax.example.org>"], [("fax1.1", False), ("fax1.3", True)])

    assert expected == asyncio.run(story())


def test_longest_waiting_first(tmp_path: Path) -> None:
    """Nobody is overtaken by those who come later."""

    async def story() -> list[str]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            for matter in ("c", "a", "b"):
                shop.pass_by(1)
                await shop.ledger.tell_operator(matter, f"About {matter}", "Text.\n")
            await notifier.notify_due()
            return header(mailbox, "Subject")

    assert ["About c", "About a", "About b"] == asyncio.run(story())


def test_not_before_its_time(tmp_path: Path) -> None:
    """What is not due stays."""

    async def story() -> int:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            notice = await a_fax_that_failed(shop)
            await shop.store.tried(replace(notice, due_at=shop.clock() + 1))
            await notifier.notify_due()
            return len(mailbox.mails)

    assert 0 == asyncio.run(story())


def test_relay_that_never_answers(tmp_path: Path) -> None:
    """A notice is not offered for longer than its lease: another node may have it then."""

    async def story() -> tuple[int, str]:
        async with post_office(tmp_path) as (shop, _, notifier):
            await a_fax_that_failed(shop)
            notifier._lease = 0.2
            with socket.create_server(("127.0.0.1", 0)) as silent:
                relay = RelaySettings(host="127.0.0.1", port=silent.getsockname()[1], tls="off")
                notifier._mailer = Mailer(relay, "fax.example.org")
                await notifier.notify_due()
            deferred = await the_notice(shop)
            return deferred.attempts, deferred.last_error

    assert (1, "the relay took too long") == asyncio.run(story())


def test_notice_that_another_node_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another node took between our question and our turn is left to it."""

    async def story() -> int:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            notice = await a_fax_that_failed(shop)
            shop.store._lease = 60.0
            found = shop.store.due_notices

            async def found_and_lost(*args: Any, **options: Any) -> list[Notice]:
                due = await found(*args, **options)

                assert await shop.store.take_notice(notice, shop.clock() + 60)
                return due

            monkeypatch.setattr(shop.store, "due_notices", found_and_lost)
            await notifier.notify_due()
            return len(mailbox.mails)

    assert 0 == asyncio.run(story())


THREE = ("+12025550120", "+12025550121", "+12025550122")


async def three_faxes(shop: Workshop, **changed: Any) -> None:
    """A mail to three numbers."""
    await shop.accept("fax1", "fax2", "fax3", numbers=THREE, **changed)


def results(mailbox: Mailbox) -> list[list[str]]:
    """Which faxes each mail tells of."""
    mails = [message_from_bytes(mail.content, policy=policy.default) for mail in mailbox.mails]
    return [
        [str(one).split(";")[0] for one in mail.get_all("X-Fax-Result", [])] or [f"id={mail['X-Fax-Id']}"]
        for mail in mails
    ]


def test_several_numbers_one_mail(tmp_path: Path) -> None:
    """Nothing is said until the last has ended; then one mail tells all, and says what it is about."""

    async def story() -> tuple[list[list[str]], list[str], list[bool]]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await three_faxes(shop)
            await shop.live(Refused(reason="no"), id="fax1")
            await shop.live(Cancelled(), id="fax3")
            await notifier.notify_due()

            assert [] == mailbox.mails
            shop.pass_by(60)
            await shop.live(Refused(reason="no"), id="fax2")
            await notifier.notify_due()
            sent = [(await shop.store.notices(id))[0].sent_at is not None for id in ("fax1", "fax2", "fax3")]
            return results(mailbox), header(mailbox, "Subject"), sent

    assert (
        [["id=fax1", "id=fax2", "id=fax3"]],
        ["Faxes: 2 failed, 1 cancelled - Invoice 17"],
        [True, True, True],
    ) == asyncio.run(story())


def test_who_waits_too_long_is_told_without_the_others(tmp_path: Path) -> None:
    """Of the others it is said that they follow; they do, in a mail of their own."""

    async def story() -> tuple[list[list[str]], str]:
        async with post_office(tmp_path, gather_for="10m") as (shop, mailbox, notifier):
            await three_faxes(shop)
            await shop.live(Refused(reason="no"), id="fax1")
            shop.pass_by(60)
            await shop.live(Refused(reason="no"), id="fax2")
            shop.pass_by(540)
            await notifier.notify_due()
            await shop.live(Refused(reason="no"), id="fax3")
            await notifier.notify_due()
            first = message_from_bytes(mailbox.mails[0].content, policy=policy.default)
            body = first.get_body(("plain",))
            assert body is not None
            return results(mailbox), body.get_content()

    told, text = asyncio.run(story())

    assert [["id=fax1", "id=fax2"], ["id=fax3"]] == told
    assert "You will hear of the others (1) separately." in " ".join(text.split())


def test_each_a_mail_of_its_own(tmp_path: Path) -> None:
    """Where the configuration wants it so: at once."""

    async def story() -> list[list[str]]:
        async with post_office(tmp_path, gather="each") as (shop, mailbox, notifier):
            await three_faxes(shop)
            for id in ("fax1", "fax2"):
                await shop.live(Refused(reason="no"), id=id)
            await notifier.notify_due()
            return results(mailbox)

    assert [["id=fax1"], ["id=fax2"]] == asyncio.run(story())


def test_a_gathered_mail_that_the_relay_puts_off_stays_the_same(tmp_path: Path) -> None:
    """Who is told in it is settled: what ends meanwhile gets a mail of its own."""

    async def story() -> tuple[list[list[str]], list[str]]:
        async with post_office(tmp_path, gather_for="10m") as (shop, mailbox, notifier):
            await three_faxes(shop)
            await shop.live(Refused(reason="no"), id="fax1")
            await shop.live(Refused(reason="no"), id="fax2")
            shop.pass_by(600)
            mailbox.refuse("451 4.3.0 later")
            await notifier.notify_due()
            await shop.live(Refused(reason="no"), id="fax3")
            shop.pass_by(30)
            await notifier.notify_due()
            return sorted(results(mailbox)), sorted(header(mailbox, "Message-ID"))

    assert ([["id=fax1", "id=fax2"], ["id=fax3"]], ["<fax1.1@fax.example.org>", "<fax3.1@fax.example.org>"]) == (
        asyncio.run(story())
    )


def test_one_that_was_sent_once_more_is_left_out(tmp_path: Path) -> None:
    """The others are told; how it ends is told when it has ended."""

    async def story() -> tuple[list[list[str]], list[str]]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await three_faxes(shop)
            for id in ("fax1", "fax2", "fax3"):
                await shop.live(Refused(reason="no"), id=id)
            await shop.live(Resent(retry_at=shop.clock()), id="fax2")
            await notifier.notify_due()
            overtaken = (await shop.store.notices("fax2"))[0]
            await shop.live(Refused(reason="no"), id="fax2")
            await notifier.notify_due()

            assert (None, None) == (overtaken.sent_at, overtaken.due_at)
            return results(mailbox), header(mailbox, "Message-ID")

    assert (
        [["id=fax1", "id=fax3"], ["id=fax2"]],
        ["<fax1.1@fax.example.org>", "<fax2.3@fax.example.org>"],
    ) == asyncio.run(story())


def test_on_its_way(tmp_path: Path) -> None:
    """Once, when the first fax of a mail begins, if the configuration wants it."""

    async def story() -> list[str]:
        async with post_office(tmp_path, accepted=True) as (shop, mailbox, notifier):
            await three_faxes(shop)
            for id in ("fax1", "fax2"):
                await shop.claimed(id)
            await notifier.notify_due()
            return header(mailbox, "Subject")

    assert ["3 faxes accepted - Invoice 17"] == asyncio.run(story())


def test_on_its_way_is_not_said_of_what_has_ended(tmp_path: Path) -> None:
    """The relay was away meanwhile: how it ended is all that is told."""

    async def story() -> list[str]:
        async with post_office(tmp_path, accepted=True) as (shop, mailbox, notifier):
            await shop.accept()
            await shop.claimed()
            await shop.live(Refused(reason="no"))
            await notifier.notify_due()
            return header(mailbox, "X-Fax-Outcome")

    assert ["refused"] == asyncio.run(story())


async def report_parts(place: Path, size: int, content: bytes | None, **confirmations: Any) -> list[str]:
    """What the report about a failure is made of, when its sender wants the whole mail back."""
    async with post_office(place, **confirmations) as (shop, mailbox, notifier):
        shop.spool.path("s1").write_bytes(content or b"")
        if content is None:
            shop.spool.remove("s1")
        await shop.store.accept(a_submission(ret="FULL", size=size), [a_fax(id="fax1")])
        await shop.live(Refused(reason="no"))
        await notifier.notify_due()
        mail = message_from_bytes(mailbox.mails[0].content, policy=policy.default)
        return [part.get_content_type() for part in mail.iter_parts()][1:]


ORIGINAL = b"Subject: x\r\n\r\nHello.\r\n"


@pytest.mark.parametrize(
    ("size", "content", "returned"),
    [
        (len(ORIGINAL), ORIGINAL, ["message/rfc822"]),
        (len(ORIGINAL), ORIGINAL + b"\xff\0 unpacked from it", ["message/rfc822"]),
        (2_000_000, ORIGINAL, ["text/rfc822-headers"]),
        (len(ORIGINAL), None, []),
    ],
    ids=["small", "with more behind it", "too large", "gone"],
)
def test_what_comes_back(size: int, content: bytes | None, returned: list[str], tmp_path: Path) -> None:
    """Whole up to the configured size, else its header, nothing once the mail has left the spool; the report goes."""

    assert ["message/delivery-status", *returned] == asyncio.run(report_parts(tmp_path, size, content))


def test_not_more_than_so_many_an_hour(tmp_path: Path) -> None:
    """What loops is slowed down: the rest is told later, none is lost, and the operator hears once."""

    async def story() -> tuple[int, int, list[str]]:
        async with post_office(tmp_path, per_hour=2, gather="each") as (shop, mailbox, notifier):
            await three_faxes(shop)
            for id in ("fax1", "fax2", "fax3"):
                await shop.live(Refused(reason="no"), id=id)
            await notifier.notify_due()
            await notifier.notify_due()
            within = len([mail for mail in mailbox.mails if mail.recipients == ("alice@example.org",)])
            subjects = header(mailbox, "Subject")
            shop.pass_by(3601)
            await notifier.notify_due()
            return within, len(mailbox.mails), [subject for subject in subjects if subject.startswith("Conf")]

    assert (2, 4, ["Confirmations are held back"]) == asyncio.run(story())


def test_old_before_it_was_ever_offered(tmp_path: Path) -> None:
    """The clock was set by a year while it waited for others, and then one relay says "later": that is no end."""

    async def story() -> tuple[int, list[str]]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            await three_faxes(shop)
            await shop.live(Refused(reason="no"), id="fax1")
            shop.pass_by(365 * DAY)
            mailbox.refuse("451 4.3.0 later", times=4)
            for _ in range(5):
                await notifier.notify_due()
                shop.pass_by(3600)
            return len(mailbox.mails), header(mailbox, "X-Fax-Id")

    assert (1, ["fax1"]) == asyncio.run(story())


def test_pieces_that_stayed_away(tmp_path: Path) -> None:
    """Told in the sender's language, in answer to the piece that came first, with what is missing."""

    async def story() -> list[str]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            for number in (1, 3):
                fragment = Fragment(whole="a" * 64, number=number, total=4)
                mail = {"id": f"s{number}", "sha256": f"{number}", "documents": (), "language": "de"}
                await shop.store.accept(a_submission(**mail, fragment=fragment, received_at=shop.clock()), [])
            shop.pass_by(DAY + 1)
            shop.patience.may_end()
            someone = StrandedTeller(
                store=shop.store, wait=DAY, patience=shop.patience, kick=lambda: None, now=shop.clock
            )
            await someone.tell_due()
            await notifier.notify_due()
            (arrived,) = mailbox.mails
        told = message_from_bytes(arrived.content, policy=policy.default)
        body = told.get_body(("plain",))
        assert body is not None
        return [str(told["Subject"]), str(told["In-Reply-To"]), str(body.get_content())]

    subject, answered, text = asyncio.run(story())

    assert ("Nicht gefaxt: Teile Ihrer Mail fehlen - Invoice 17", "<1@example.org>") == (subject, answered)
    assert "Von ihren 4 Teilen kamen 2" in text
    assert re.search(r"Es fehlen: +2, 4", text)


def test_pieces_that_an_older_release_owed(tmp_path: Path) -> None:
    """It wrote down all that there is to say, and not about which mail: that is said."""

    async def story() -> list[str]:
        async with post_office(tmp_path) as (shop, mailbox, notifier):
            words = {"subject": "Not faxed: pieces of your mail are missing", "text": "1 of its 2 pieces came.\n"}
            old = a_notice(id="s1.pieces", kind=NoticeKind.PIECES, fax_id=None, submission_id=None, **words)
            await shop.store.owe(replace(old, created_at=shop.clock(), due_at=shop.clock()))
            await notifier.notify_due()
            (arrived,) = mailbox.mails
        told = message_from_bytes(arrived.content, policy=policy.default)
        return [str(told["Subject"]), str(told.get_content()).strip()]

    assert ["Not faxed: pieces of your mail are missing", "1 of its 2 pieces came."] == asyncio.run(story())
