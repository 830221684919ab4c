"""Logging: one event a line, and nothing in it that must not leave, wherever it was put."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config import LogSettings
from gateway.log import LOUD, configure, mask, redact

NUMBER = "+12025550100"
TOKEN = "alohi_pat_tweety-0123456789abcdef"
PATH = "/faxplus/tweety-path-secret"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging belongs to the process; leave it to the next test as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.NOTSET)


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was logged so far."""
    out = capsys.readouterr()

    assert "" == out.out
    return [json.loads(line) for line in out.err.splitlines()]


def test_an_event_is_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Its name, its level, its time in UTC, and its fields."""
    configure(LogSettings())
    structlog.get_logger().info("fax.submitted", fax="0a1b2c3d4e", attempt=2, cost=0.1, late=False, pages=None)
    (event,) = logged(capsys)

    assert event.pop("timestamp").endswith("Z")
    assert {
        "event": "fax.submitted",
        "level": "info",
        "fax": "0a1b2c3d4e",
        "attempt": 2,
        "cost": 0.1,
        "late": False,
        "pages": None,
    } == event


def test_an_event_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """On a console the same is said in columns, without colour where there is no terminal."""
    configure(LogSettings(format="console"))
    structlog.get_logger().error("fax.stumbled", fax="0a1b2c3d4e", exc_info=ValueError(f"no way to {NUMBER}"))
    said = capsys.readouterr().err

    assert "fax.stumbled" in said
    assert "fax=0a1b2c3d4e" in said
    assert "ValueError: no way to ***0100" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("level", "heard"),
    [("debug", ["a", "b", "c", "d"]), ("info", ["b", "c", "d"]), ("warning", ["c", "d"]), ("error", ["d"])],
)
def test_the_level_says_how_much(
    level: Literal["debug", "info", "warning", "error"], heard: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is below the level is not said."""
    configure(LogSettings(level=level))
    log = structlog.get_logger()
    log.debug("a")
    log.info("b")
    log.warning("c")
    log.error("d")

    assert heard == [event["event"] for event in logged(capsys)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to +12025550100", "to ***0100"),
        ("+12025550100", "***0100"),
        ("12025550100", "***0100"),
        ("+1 (202) 555-0100.", "***0100."),
        ("(202) 555-0100", "***0100"),
        ("030 12345678", "***5678"),
        ("202.555.0100", "***0100"),
        ("/outbox?to=%2B12025550100&x=1", "/outbox?to=***0100&x=1"),
        ("RCPT TO:<12025550100@fax.local>", "RCPT TO:<***0100@fax.local>"),
        ("fax.1-202-555-0100.x@fax.local", "***0100@fax.local"),
        ("['+12025550100', '+12025550101']", "['***0100', '***0101']"),
        ("12025550100 12025550101 12025550102 12025550103 12025550104", "***0102 ***0104"),
        ("number_12025550100", "number_***0100"),
        ("12025550100p42", "***0100p42"),
        (TOKEN, "[hidden]"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer [hidden]"),
        ("authorization: bearer eyJhbGciOi.J9-_x=", "authorization: bearer [hidden]"),
        ("Basic ZmF4Z3c6aHVzaA==", "Basic [hidden]"),
        (f"POST {PATH}?x HTTP/1.1", "POST /faxplus/[hidden]?x HTTP/1.1"),
        ("https://fax.example.org/faxplus/hush/", "https://fax.example.org/faxplus/[hidden]/"),
        ("postgresql://faxgw:hush@db/faxgw", "postgresql://faxgw:[hidden]@db/faxgw"),
        ("grant_type=refresh_token&refresh_token=hush&x=1", "grant_type=refresh_token&refresh_token=[hidden]&x=1"),
        ('{"token": "hush", "x": 1}', '{"token": "[hidden]", "x": 1}'),
        ("said \\'password\\': \\'hush\\'", "said \\'password\\': \\'[hidden]\\'"),
        ("Login(user='alice', password='hush')", "Login(user='alice', password='[hidden]')"),
    ],
)
def test_what_must_not_leave_is_masked(text: str, masked: str) -> None:
    """Numbers keep their last four digits, secrets nothing."""
    assert masked == mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.17",
        "192.168.100.200:51234",
        "[2001:db8::1234]:25",
        "2026-11-24",
        "2026-11-24T16:17:18.123456Z",
        "2026-11-24 16:17:18",
        "7724931df9c0d1c4de6ad8b9fd3a5e4a",
        "0a1b2c3d4e",
        "550 5.1.1 no",
        "64000 octets in 12.3456789 s",
        "alice1965@example.org",
        "Error: +42",
    ],
)
def test_what_helps_the_operator_stays(text: str) -> None:
    """Addresses of machines, times, ids, codes and measures are no fax numbers."""
    assert text == mask(text)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("token", "hush", "[hidden]"),
        ("refresh_token", "hush", "[hidden]"),
        ("Authorization", "hush", "[hidden]"),
        ("webhook_secret", ["hush"], "[hidden]"),
        ("passwd", b"hush", "[hidden]"),
        ("api_key", {"a": "hush"}, "[hidden]"),
        ("subject", "hush", "[hidden]"),
        ("filename", "hush", "[hidden]"),
        ("token_file", "/etc/fax-gateway/faxplus.token", "/etc/fax-gateway/faxplus.token"),
        ("number", 12025550100, "***0100"),
        ("number", "1.202.555.0100p42", "***0042"),
        ("fax_number", "55-512", "***5512"),
        ("recipient", "+12025550100@fax2.example.org", "***0100@fax2.example.org"),
        ("to", "submitted", "submitted"),
        ("size", 12025550100, 12025550100),
    ],
)
def test_some_keys_tell_what_their_values_are(key: str, value: object, shown: object) -> None:
    """Secrets have no looks; their keys give them away. Sizes and times stay numbers."""
    assert {key: shown} == redact(None, "info", {key: value})


@dataclass
class Thing:
    """Something with a telling repr."""

    to: str


CANARIES: list[tuple[str, object]] = [
    ("text", f"see {NUMBER}, {TOKEN}, {PATH}"),
    ("bytes", f"{NUMBER} {TOKEN} {PATH}".encode()),
    ("list", [NUMBER, [TOKEN, (PATH,)]]),
    ("set", frozenset({NUMBER, TOKEN, PATH})),
    ("mapping", {"a": {"b": [{"c": NUMBER}]}, "password": "tweety", TOKEN: PATH, NUMBER: 1}),
    ("object", Thing(to=f"{NUMBER} {TOKEN} {PATH}")),
    ("exception", ValueError(NUMBER, TOKEN, PATH)),
    ("path", Path("/spool") / NUMBER / TOKEN),
    ("url", httpx.URL(f"https://fax.example.org{PATH}?to={NUMBER}&token={TOKEN}")),
]


def clean(capsys: pytest.CaptureFixture[str]) -> str:
    """What was logged; nothing of what must not leave is in it."""
    said = capsys.readouterr().err

    assert said
    assert [] == [canary for canary in ("tweety", "2025550", "5550100", "alohi_pat") if canary in said]
    return said


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize(("name", "value"), CANARIES, ids=[name for name, _ in CANARIES])
def test_no_canary_leaves(
    name: str, value: object, style: Literal["json", "console"], capsys: pytest.CaptureFixture[str]
) -> None:
    """In whatever kind of field, bound context, event name or exception text it stands."""
    configure(LogSettings(format=style, level="debug"))
    log = structlog.get_logger().bind(bound=value)
    structlog.contextvars.bind_contextvars(context=value)
    log.debug("field", field=value)
    log.info(str(value))
    with pytest.raises(RuntimeError) as stumbled:
        stumble(value)
    log.error("exception", exc_info=stumbled.value, stack_info=True)
    clean(capsys)


def stumble(value: object) -> None:
    """Fail because of a value, with everything that an exception can say."""
    try:
        int(str(value))
    except ValueError as cause:
        error = RuntimeError(f"because of {value}", value)
        error.add_note(f"note {value}")
        raise error from cause


def test_libraries_speak_up_from_warning_on(capsys: pytest.CaptureFixture[str]) -> None:
    """What they tell of each request holds its URL; what they warn of is masked, and comes as an event too."""
    configure(LogSettings(level="debug"))
    for name in LOUD:
        logging.getLogger(name).info("HTTP Request: POST %s", PATH)
    logging.getLogger("uvicorn.error").warning("cannot serve %s for %s", PATH, NUMBER)
    logging.getLogger("some.library").error("lost", exc_info=OSError(f"no route to {NUMBER}"))
    events = [json.loads(line) for line in clean(capsys).splitlines()]

    assert ["cannot serve /faxplus/[hidden] for ***0100", "lost"] == [event["event"] for event in events]
    assert ["uvicorn.error", "some.library"] == [event["logger"] for event in events]
    assert "no route to ***0100" in events[1]["exception"]
    assert all(event["timestamp"] for event in events)


def test_requests_of_httpx_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """A real client with a real request: at level debug, its line with the URL does not appear."""
    configure(LogSettings(level="debug"))
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        client.get(f"https://fax.example.org{PATH}")

    assert [] == logged(capsys)


def test_handlers_that_libraries_bring_are_taken_off(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything goes through one door, and nothing twice."""
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler(sys.stderr))
    configure(LogSettings())
    configure(LogSettings())
    logging.getLogger("uvicorn").warning("once")

    assert ["once"] == [event["event"] for event in logged(capsys)]


class Broken(io.StringIO):
    """A standard error that is full, or read by nobody."""

    def write(self, _text: str) -> int:
        """Fail as the system does."""
        raise BrokenPipeError

    def flush(self) -> None:
        """Fail as the system does."""
        raise OSError(28, "No space left on device")


def test_a_line_that_cannot_be_written_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logging fails, the fax goes on."""
    monkeypatch.setattr(sys, "stderr", Broken())
    configure(LogSettings())
    structlog.get_logger().error("fax.failed")
    logging.getLogger("uvicorn").error("lost")


@settings(max_examples=150, deadline=None)
@given(text=st.text() | st.from_regex(r"[0-9 +().@-]{0,200}"))
def test_masking_takes_any_text_and_ends(text: str) -> None:
    """Whatever comes, masking it once is enough."""
    masked = mask(text)

    assert masked == mask(masked)


def test_masking_long_texts_takes_no_time() -> None:
    """No text makes it look again and again; this would take hours if one did, and the test's time would run out."""
    for text in ("1" * 300_000, "1-" * 150_000, "a1" * 150_000, "(" * 300_000, "://" * 100_000, "token=" * 50_000):
        assert len(mask(text)) <= len(text) + 10


@settings(max_examples=150, deadline=None)
@given(
    digits=st.from_regex(r"[1-9][0-9]{9,13}", fullmatch=True),
    before=st.sampled_from(["", "fax ", "<", "to=", '"', "(", "%2B", "+", ":", ", ", "/"]),
    after=st.sampled_from(["", " ", ">", '"', ")", ".", ",", "@fax.local", ";", "&x", "p1"]),
)
def test_no_number_keeps_its_beginning(digits: str, before: str, after: str) -> None:
    """In any company, at most the last four digits of a number are left."""
    masked = mask(f"{before}{digits}{after}")

    assert digits[:-4] not in masked
    assert digits[-5:] not in masked
