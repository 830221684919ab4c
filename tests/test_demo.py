"""The demonstration is true: it shows the three mails, and fails when an outcome is not what it must be."""

import asyncio
from pathlib import Path

import pytest

from gateway import demo
from gateway.mailbox import Mail, Mailbox
from gateway.simulator import running
from tests.operating import program
from tests.simulated import an_account, sent


@pytest.mark.process
def test_demo(tmp_path: Path) -> None:
    """From the mail to the three confirmations, in a process of its own; nothing is left behind."""
    said = asyncio.run(program("demo", TMPDIR=str(tmp_path)))

    assert (0, "") == (said.code, said.err), said.out
    assert [] == list(tmp_path.iterdir())
    assert 3 == said.out.count("X-Fax-Submission: ")
    assert ["delivered", "delivered", "failed"] == sorted(
        line.removeprefix("X-Fax-State: ") for line in said.out.splitlines() if line.startswith("X-Fax-State: ")
    )
    assert said.out.endswith("3 mails for 3 faxes, 4 diallings at FAX.PLUS\nAll three outcomes are right.\n")


def a_mail(number: str, state: str, status: str, attempts: str) -> Mail:
    """A confirmation, as far as the demonstration judges it."""
    fields = {"Number": number, "State": state, "Status": status, "Attempts": attempts}
    header = "".join(f"X-Fax-{name}: {value}\r\n" for name, value in fields.items())
    return Mail("", ("alice@example.org",), f"{header}\r\nText\r\n".encode())


RIGHT = [a_mail(number, *outcome) for number, outcome in demo.EXPECTED.items()]


@pytest.mark.parametrize(
    ("why", "mails", "diallings", "code"),
    [
        ("all is right", RIGHT, 4, 0),
        ("an outcome is wrong", [*RIGHT[:2], a_mail(demo.NOT_IN_SERVICE, "delivered", "success", "1")], 4, 1),
        ("it was dialled too often", [*RIGHT[:2], a_mail(demo.NOT_IN_SERVICE, "failed", "failed", "2")], 4, 1),
        ("somebody was not told", RIGHT[:2], 4, 1),
        ("somebody was told twice", [*RIGHT, RIGHT[0]], 4, 1),
        ("a fax was sent twice, whatever the mails say", RIGHT, 5, 1),
        ("a fax was not sent, whatever the mails say", RIGHT, 3, 1),
    ],
)
def test_judgement(why: str, mails: list[Mail], diallings: int, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The demonstration is a test: when something is wrong it says so, and does not return 0."""

    async def story() -> int:
        account, _ = an_account()
        for _ in range(diallings):
            sent(account)
        mailbox = Mailbox()
        mailbox.mails.extend(mails)
        async with running(account=account) as faxplus:
            return await demo._judge(mailbox, faxplus)

    assert code == asyncio.run(story()), why
    assert bool(code) == ("WRONG: expected" in capsys.readouterr().out)
