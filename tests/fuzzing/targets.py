"""What is fuzzed, and what must hold whatever comes. Each takes octets and raises AssertionError if it does not."""

import functools
import re
from collections.abc import Callable
from pathlib import Path

from gateway import number
from gateway.config import NumberSettings
from gateway.number import BadNumberError
from gateway.smtp import address, parameters
from gateway.smtp.address import LONGEST_DOMAIN, LONGEST_ENCAPSULATED
from gateway.smtp.reply import RefusedError
from gateway.smtp.terms import Terms
from tests.fuzzing.wireless import Player, packets

REPLIES = re.compile(rb"(?:([2-5]\d\d)-[ -~]*\r\n(?:\1-[ -~]*\r\n)*\1 [ -~]*\r\n|[2-5]\d\d [ -~]*\r\n)*")
LONGEST_REPLY = 510
SCRIPTS = Path(__file__).parents[1] / "data" / "smtp"
TERMS = Terms(now=1_800_000_000.0, largest=64_000_000, submission=True, longest_hold=86400.0, shortest_by=300.0)


@functools.cache
def _player() -> Player:
    return Player()


def session(octets: bytes) -> None:
    """Every reply is well-formed, the session ends with its client, and nothing is left behind.

    The first octet chooses the listener, the second how many of the next say where packets end.
    """
    head = octets[:2].ljust(2, b"\0")
    cuts = head[1] % 8
    said = _player().hear(head[0], packets(octets[2 + cuts :], octets[2 : 2 + cuts]))

    assert REPLIES.fullmatch(said), said
    assert max(map(len, said.split(b"\r\n"))) <= LONGEST_REPLY, said
    assert not _player().house.desk.drafts()


def path(octets: bytes) -> None:
    """An address within its limits comes out, or the refusal that is documented."""
    try:
        read, rest = address.parse(octets, "5.1.3")
    except RefusedError as error:
        _is_refusal(error)
        return

    assert len(read.domain) <= LONGEST_DOMAIN
    assert len(read.local) <= LONGEST_ENCAPSULATED
    assert read.written.isascii()
    assert re.fullmatch(r"[ -~]*", read.written)
    assert octets.strip(b" ").endswith(rest)
    address.literal(read.domain)


def wishes(octets: bytes) -> None:
    """What MAIL and RCPT ask for is understood and can be said back, or is refused."""
    for read in (lambda text: parameters.of_mail(text, TERMS), parameters.of_rcpt):
        try:
            found = read(octets)
        except RefusedError as error:
            _is_refusal(error)
        else:
            assert all(re.fullmatch(r"[ -~]*", str(value)) for value in map(str, _values(found)))


def digits(octets: bytes) -> None:
    """A number comes out, or the refusal that is documented."""
    text = octets.decode("latin-1")
    try:
        found = number.parse(text[2:], _rules(octets[:2]))
    except BadNumberError as error:
        _is_refusal(RefusedError(error.code, error.enhanced, error.words))
    else:
        assert re.fullmatch(r"\+[1-9][0-9]{3,14}", found)


TARGETS: dict[str, Callable[[bytes], None]] = {one.__name__: one for one in (session, path, wishes, digits)}


def seeds(target: str) -> list[bytes]:
    """What to begin with: all that clients say in the dialogues of the tests."""
    streams = [_said(script) for script in sorted(SCRIPTS.glob("*.txt"))]
    if target == "session":
        return [bytes([listener, 0]) + stream for listener, stream in enumerate(streams)]
    arguments = {argument for stream in streams for argument in re.findall(rb"(?i)(?:FROM|TO):(.*)\r\n", stream)}
    cut = {"path": lambda one: one, "wishes": lambda one: one.partition(b">")[2], "digits": _local_part}[target]
    return sorted({cut(argument) for argument in arguments} - {b""})


def _said(script: Path) -> bytes:
    lines = script.read_text().splitlines()
    return b"".join(line[2:].removeprefix(" ").encode() + b"\r\n" for line in lines if line.startswith("C:"))


def _local_part(argument: bytes) -> bytes:
    return b"\0\0" + argument.strip(b"< ").rpartition(b"@")[0].strip(b'"')


def _rules(octets: bytes) -> NumberSettings:
    country = ("US", "DE", "CH", "GB", "IT", "AU")[sum(octets[:1]) % 6]
    more: tuple[dict[str, object], ...] = (
        {},
        {"outside_line": ["9"]},
        {"trunk": "0", "international": ["00"]},
        {"short": {"11": "+12025550111"}},
    )
    return NumberSettings.model_validate({"country": country, **more[sum(octets[1:2]) % 4]})


def _values(found: object) -> list[object]:
    fields: dict[str, object] = getattr(found, "__dataclass_fields__", {})
    return [getattr(found, name) for name in fields]


def _is_refusal(error: RefusedError) -> None:

    assert REPLIES.fullmatch(error.reply.encoded())
    assert str(error.reply.code).startswith("5")
    assert error.reply.enhanced.startswith("5.")
