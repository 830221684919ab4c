"""AUTH: passwords are proven off the event loop, and a broken users file is nobody's wrong password."""

import asyncio
import functools
import threading
from base64 import b64encode
from ipaddress import ip_address
from pathlib import Path

import pytest

from gateway import users
from gateway.smtp.guesses import MOST_A_MINUTE, Guesses
from gateway.smtp.login import Logins, log_in
from gateway.smtp.reply import RefusedError
from gateway.users import Users


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Users:
    """Alice may log in."""
    path = tmp_path_factory.mktemp("users") / "users"
    users.add(path, "alice", "correct horse")
    return Users(path)


async def _try(known: Users, command: bytes, *answers: bytes) -> tuple[str, list[bytes]]:
    """Carry out AUTH against prepared answers; return the outcome and the challenges."""
    challenges: list[bytes] = []
    prepared = iter(answers)

    async def ask(challenge: bytes) -> bytes:
        challenges.append(challenge)
        return next(prepared)

    try:
        logins = Logins(known, Guesses(lambda: 0.0))
        return await log_in(command, ask, functools.partial(logins.prove, ip=CLIENT, listed=True)), challenges
    except RefusedError as error:
        return f"{error.reply.code} {error.reply.enhanced}", challenges


CLIENT = ip_address("192.0.2.17")
PLAIN = b64encode(b"\0alice\0correct horse")
SAME = b64encode(b"alice\0alice\0correct horse")
ALICE, PASSWORD = b64encode(b"alice"), b64encode(b"correct horse")


@pytest.mark.parametrize(
    ("command", "answers", "expected", "challenges"),
    [
        (b"PLAIN " + PLAIN, (), "alice", []),
        (b"plain " + SAME, (), "alice", []),
        (b"PLAIN", (PLAIN,), "alice", [b""]),
        (b"LOGIN", (ALICE, PASSWORD), "alice", [b"Username:", b"Password:"]),
        (b"Login " + ALICE, (PASSWORD,), "alice", [b"Password:"]),
        (b"LOGIN", (ALICE, b"*"), "501 5.7.0", [b"Username:", b"Password:"]),
        (b"PLAIN =", (), "501 5.5.2", []),
        (b"PLAIN !", (), "501 5.5.2", []),
        (b"PLAIN " + b64encode(b"\xff\0\xff\0\xff"), (), "501 5.5.2", []),
        (b"PLAIN " + b64encode(b"\0alice\0wrong"), (), "535 5.7.8", []),
        (b"PLAIN " + b64encode(b"bob\0alice\0correct horse"), (), "535 5.7.8", []),
        (b"LOGIN", (b"", b""), "535 5.7.8", [b"Username:", b"Password:"]),
        (b"CRAM-MD5", (), "504 5.5.4", []),
        (b"", (), "501 5.5.4", []),
        (b"PLAIN a b", (), "501 5.5.4", []),
    ],
)
def test_exchange(
    known: Users, command: bytes, answers: tuple[bytes, ...], expected: str, challenges: list[bytes]
) -> None:
    """Both mechanisms, with and without initial response, in any case, and everything that is wrong with them."""

    assert (expected, challenges) == asyncio.run(_try(known, command, *answers))


def test_users_file_out_of_order(tmp_path: Path) -> None:
    """When nobody can tell, that is what the client hears: it may try again."""
    assert ("454 4.7.0", []) == asyncio.run(_try(Users(tmp_path / "missing"), b"PLAIN " + PLAIN))

    (tmp_path / "users").write_text("nonsense\n")

    assert ("454 4.7.0", []) == asyncio.run(_try(Users(tmp_path / "users"), b"PLAIN " + PLAIN))


def test_few_at_a_time() -> None:
    """Each proof takes a core and much memory; a crowd of clients waits for its turn."""
    at_once, most = 0, 0
    lock = threading.Lock()
    both = threading.Barrier(2)

    class Slow(Users):
        def __init__(self) -> None:
            pass

        def verify(self, name: str, password: str) -> bool:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            both.wait(5)
            with lock:
                at_once -= 1
            return True

    async def run() -> None:
        logins = Logins(Slow(), Guesses(lambda: 0.0))
        await asyncio.gather(*(logins.prove("alice", "x", CLIENT, listed=False) for _ in range(6)))

    asyncio.run(run())

    assert 2 == most


def test_guesses_are_counted_once_they_are_known(known: Users) -> None:
    """Many at once from one address get no more tries than one after the other, but for those being checked."""

    async def run() -> list[str]:
        logins = Logins(known, Guesses(lambda: 0.0))
        tries = [_refusal(logins, f"user{number}", listed=False) for number in range(MOST_A_MINUTE + 5)]
        return sorted(await asyncio.gather(*tries))

    refusals = asyncio.run(run())

    assert {"421", "535"} == set(refusals)
    assert MOST_A_MINUTE + 1 >= refusals.count("535")


async def _refusal(logins: Logins, name: str, *, listed: bool) -> str:
    try:
        await logins.prove(name, "guess", CLIENT, listed=listed)
    except RefusedError as error:
        return str(error.reply.code)
    return "250"
