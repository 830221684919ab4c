"""Notices: offered until the relay takes them, always the same mail; what is given up the operator hears of."""

import asyncio
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
from gateway.event import Refused, Resent
from gateway.mailbox import Mailbox
from gateway.mailer import Mailer
from gateway.store import Store
from gateway.submission import Notice, NoticeKind
from gateway.worker.notify import Notifier
from tests.values import a_notice
from tests.workshop import OPERATOR, Workshop, workshop

DAY = 86400.0


@asynccontextmanager
async def post_office(place: Path) -> AsyncIterator[tuple[Workshop, Mailbox, Notifier]]:
    """A workshop with a notifier, whose relay is a real mail server."""
    async with workshop(place) as shop, Mailbox() as mailbox:
        relay = RelaySettings(host="127.0.0.1", port=mailbox.port, tls="off")
        notifier = Notifier(
            store=shop.store,
            spool=shop.spool,
            mailer=Mailer(relay, "fax.example.org"),
            ledger=shop.ledger,
            schedule=shop.schedule,
            patience=shop.patience,
            sender="fax@example.org",
            own_name="fax.example.org",
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
    ("reply", "days", "attempts"), [("550 5.1.1 no such user", 0.0, 1), ("451 4.3.0 later", 5.0, 2)]
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
