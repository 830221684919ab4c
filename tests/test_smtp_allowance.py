"""What is left of the quotas is said at RCPT and at the dot, over real sockets and with a real database."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from gateway.fax import Fax
from gateway.policy import Limit, OverQuotaError, Quotas
from gateway.smtp.address import Address
from gateway.smtp.allowance import Allowance, refusal
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.parameters import NO_WISHES
from gateway.smtp.recipients import Recipients
from gateway.smtp.reply import RefusedError
from gateway.store import Store, Writer, open_engine
from gateway.submission import Notice, Submission
from tests.smtp_house import LISTED, House, a_config, a_mail, with_house
from tests.values import NOW

ALICE = Address("alice", "example.org", "alice@example.org")


def said(directory: Path, *locals_: str, used: Sequence[int] = (0,), **quotas: Any) -> tuple[list[int], list[str]]:
    """Say RCPT for each, with so much used of every limit; the codes, and the numbers that are left."""
    config = a_config(directory, **quotas)
    envelope = Envelope(client=Client(ip=ip_address(LISTED)), sender=ALICE)
    recipients = Recipients(config)

    async def counted(limits: Sequence[Limit], now: float) -> Sequence[int]:
        assert now == NOW
        return [used[0] for _ in limits]

    allowance = Allowance(config, counted, lambda: NOW)

    async def story() -> list[int]:
        codes = []
        for local in locals_:
            try:
                codes.append(recipients.add(envelope, Address(local, "fax.local", local), NO_WISHES).code)
                await allowance.check(envelope)
            except RefusedError as error:
                codes[-1:] = [error.reply.code]
        return codes

    codes = asyncio.run(story())

    assert codes.count(250) == envelope.accepted
    return codes, list(envelope.numbers)


FIRST, SECOND, THIRD = "15551234567", "15551234568", "15551234569"


@pytest.mark.parametrize(
    ("quota", "used", "expected"),
    [
        ({"per_hour": 3}, 0, [250, 250, 250]),
        ({"per_hour": 3}, 1, [250, 250, 450]),
        ({"per_hour": 3}, 3, [450, 450, 450]),
        ({"per_day": 3}, 2, [250, 550, 550]),
        ({"pages_per_hour": 4}, 3, [250, 450, 450]),
        ({"pages_per_day": 4}, 4, [550, 550, 550]),
        ({"number": {"per_hour": 1}}, 0, [250, 250, 250]),
        ({"number": {"per_day": 1}}, 1, [550, 550, 550]),
        ({}, 1000, [250, 250, 250]),
    ],
)
def test_each_recipient_is_counted(quota: dict[str, Any], used: int, expected: list[int], tmp_path: Path) -> None:
    """What fits is taken, and what does not is taken out of the envelope again: for a while or for good."""
    codes, numbers = said(tmp_path, FIRST, SECOND, THIRD, used=[used], quota=quota)

    assert expected == codes
    assert [f"+{local}" for local, code in zip((FIRST, SECOND, THIRD), codes, strict=True) if code == 250] == numbers


def test_the_same_number_again_costs_nothing(tmp_path: Path) -> None:
    """Two spellings are one fax, and the operator's address is none."""
    codes, numbers = said(tmp_path, FIRST, f"+{FIRST}", "postmaster", SECOND, quota={"per_hour": 1})

    assert ([250, 250, 250, 450], [f"+{FIRST}"]) == (codes, numbers)


def test_nobody_knows(tmp_path: Path) -> None:
    """A database that fails makes the client try again; nothing of the error is said."""
    envelope = Envelope(client=Client(ip=ip_address(LISTED)), sender=ALICE)

    async def broken(limits: Sequence[Limit], now: float) -> Sequence[int]:
        raise OSError(28, "No space left on device")

    config = a_config(tmp_path, quota={"per_day": 1})
    Recipients(config).add(envelope, Address(FIRST, "fax.local", FIRST), NO_WISHES)
    with pytest.raises(RefusedError) as refused:
        asyncio.run(Allowance(config, broken, lambda: NOW).check(envelope))

    assert 400 <= refused.value.reply.code < 500
    assert {} == envelope.numbers


@pytest.mark.parametrize(("for_good", "expected"), [(True, (550, "5.7.1")), (False, (450, "4.7.1"))])
def test_too_much_as_a_reply(expected: tuple[int, str], *, for_good: bool) -> None:
    """Waiting helps or does not."""
    reply = refusal(OverQuotaError("too much", for_good=for_good))

    assert (*expected, "too much") == (reply.code, reply.enhanced, reply.words)


def test_over_the_wire(tmp_path: Path) -> None:
    """A printer with three faxes an hour and five pages a day: the third fax is over its pages, and says so."""
    heard: list[str] = []

    def speak(house: House) -> None:
        with house.connect() as wire, wire.makefile("rwb") as file:

            def command(text: bytes) -> str:
                file.write(text)
                file.flush()
                line = file.readline()
                while line[3:4] == b"-":
                    line = file.readline()
                return line.decode().strip()

            file.readline()
            command(b"EHLO printer\r\n")
            for number in (b"15551234567", b"15551234568", b"15551234569"):
                command(b"MAIL FROM:<scanner@example.org>\r\n")
                heard.append(command(b"RCPT TO:<" + number + b"@fax.local>\r\n"))
                command(b"DATA\r\n")
                heard.append(command(a_mail() + b".\r\n"))
            command(b"MAIL FROM:<scanner@example.org>\r\n")
            heard.append(command(b"RCPT TO:<15551234569@fax.local>\r\n"))
            heard.append(command(b"RCPT TO:<postmaster>\r\n"))

    rules = [{"name": "printer", "networks": [LISTED], "per_hour": 3, "pages_per_day": 5}]
    quotas = Quotas(a_config(tmp_path, sender=rules))
    writer = Writer(open_engine(tmp_path, None))
    store = Store(writer)

    async def accept(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        limits = quotas.limits(submission.rule, [fax.number for fax in faxes])
        return await store.accept(submission, faxes, notices, window, quotas=limits)

    house = with_house(tmp_path, speak, accept=accept, used=store.used, sender=rules)
    writer.close()

    third = 'the sender rule "printer" lets 5 pages in a day through, and no more'
    assert ["250", "250", "250", "250", "250", "550", "250", "250"] == [reply[:3] for reply in heard]
    assert f"550 5.7.1 {third}" == heard[5]
    assert 2 == len(list(house.desk.spool.kept()))
    assert [] == house.drafts()
