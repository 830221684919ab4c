"""What every answer means: all statuses, all exceptions of httpx, none missing, none by accident."""

import http
import inspect
import re
import ssl
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.faxplus import answers
from gateway.faxplus.answers import (
    CLASSES,
    EXCEPTIONS,
    FOREIGN,
    LONGEST_WAIT,
    STATUSES,
    Call,
    FaxPlusError,
    Verdict,
    failed,
    not_refreshed,
    of_status,
    refused,
    retry_after,
    unreadable,
)

NEVER_LEFT = {
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
}
OPERATORS = {401, 402, 403, 404, 405, 407, 410, 426}
CLEAR_NO = {400, 411, 412, 413, 414, 415, 416, 417, 418, 422, 428, 431, 451}
NOT_NOW = {421, 423, 424, 425, 429}


def expected(status: int, call: Call) -> Verdict:
    """The rules again, told as sets."""
    if status // 100 == 2:
        return Verdict.ACCEPTED
    if status in CLEAR_NO:
        return Verdict.PERMANENT
    if call is Call.REPEATABLE or status in OPERATORS | NOT_NOW:
        return Verdict.TEMPORARY
    return Verdict.UNCERTAIN


def error(status: int, call: Call = Call.ONCE, body: object = None) -> FaxPlusError:
    """Our error of such an answer."""
    return refused(call, status, {}, body, 1000.0)


@pytest.mark.parametrize("call", Call)
def test_every_status(call: Call) -> None:
    """From 100 to 999, a status means what the rules say, to a send as to a read."""
    statuses = range(100, 1000)

    assert {one: expected(one, call) for one in statuses} == {one: of_status(one).verdict(call) for one in statuses}


def test_every_registered_refusal_has_its_own_entry() -> None:
    """No registered 4xx is left to the rule of its class, so that each has been thought about."""

    assert {code.value for code in http.HTTPStatus if code.value // 100 == 4} == set(STATUSES)
    assert {1, 2, 3, 4, 5} == set(CLASSES)


def test_only_the_operator_can_mend() -> None:
    """These stop sending and burn no fax, not even when the address is wrong; a redirected send is in doubt first."""
    moved = set(range(300, 400))

    assert OPERATORS == {status for status in range(300, 600) if error(status).operator}
    assert OPERATORS | moved == {status for status in range(300, 600) if error(status, Call.REPEATABLE).operator}
    assert {Verdict.TEMPORARY} == {error(status).verdict for status in OPERATORS}


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (None, Verdict.TEMPORARY),
        ({"error": "not_found", "description": "Not found"}, Verdict.TEMPORARY),
        ({"error": "file_not_found"}, Verdict.PERMANENT),
        ({"error": "not_found", "description": "/storage/transient-1.pdf"}, Verdict.PERMANENT),
    ],
)
def test_send_of_what_is_not_there(status: int, body: object, verdict: Verdict) -> None:
    """Only when FAX.PLUS names an upload is the fax the matter; else the address is, and the fax waits."""
    found = error(status, body=body)

    assert (verdict, verdict is Verdict.TEMPORARY) == (found.verdict, found.operator)
    assert Verdict.TEMPORARY is error(status, Call.REPEATABLE, body).verdict


def kinds(root: type[BaseException]) -> set[type[BaseException]]:
    """A class and all its subclasses."""
    return {root, *(kind for child in root.__subclasses__() for kind in kinds(child))}


def test_every_exception_of_httpx_has_its_own_entry() -> None:
    """A class that a new httpx brings fails here until somebody has decided what it means."""
    exported = {kind for _, kind in inspect.getmembers(httpx, inspect.isclass) if issubclass(kind, Exception)}
    families = {kind for root in FOREIGN if root.__module__ == "httpx" for kind in kinds(root)}
    theirs = {kind for kind in exported | families if kind.__module__.startswith("httpx")}

    assert theirs | {ssl.SSLError, TimeoutError} == set(EXCEPTIONS)


def test_all_entries_are_caught() -> None:
    """What the table knows is what is caught around a request."""

    assert all(issubclass(kind, FOREIGN) for kind in EXCEPTIONS)


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_every_exception(kind: type[Exception]) -> None:
    """A send is surely not done only when not one octet of it can have left; a read can always be repeated."""
    raised = kind.__new__(kind)
    raised.args = ("said",)

    assert Verdict.TEMPORARY is failed(Call.REPEATABLE, raised).verdict
    assert (Verdict.TEMPORARY if kind in NEVER_LEFT else Verdict.UNCERTAIN) is failed(Call.ONCE, raised).verdict


def test_unlisted_kin_is_read_as_its_family() -> None:
    """At run time a subclass that nobody has listed means what its family means."""

    class Newer(httpx.ConnectTimeout):
        pass

    assert Verdict.TEMPORARY is failed(Call.ONCE, Newer("x")).verdict
    assert Verdict.UNCERTAIN is failed(Call.ONCE, ssl.SSLCertVerificationError("x")).verdict


def test_failed_words() -> None:
    """The words say what happened, and the cause; a bare exception is named."""

    assert "FAX.PLUS cannot be reached (name unknown)" == failed(Call.ONCE, httpx.ConnectError("name\n unknown")).words
    assert "FAX.PLUS did not answer in time (TimeoutError)" == failed(Call.ONCE, TimeoutError()).words
    assert failed(Call.ONCE, httpx.UnsupportedProtocol("ftp")).operator


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (None, "", "FAX.PLUS refused the request (400)"),
        ({"error": "too_many_files"}, "too_many_files", "FAX.PLUS refused the request (400 too_many_files)"),
        ({"error": "x", "description": "At most 10"}, "x", "FAX.PLUS refused the request (400 x: At most 10)"),
        ({"description": "At\r\nmost"}, "", "FAX.PLUS refused the request (400 At most)"),
        ({"error": 7, "description": ["a"]}, "", "FAX.PLUS refused the request (400)"),
        ([1], "", "FAX.PLUS refused the request (400)"),
        ("text", "", "FAX.PLUS refused the request (400)"),
    ],
)
def test_own_words(body: object, code: str, words: str) -> None:
    """FAX.PLUS's code and description are passed on, as far as there are any; a file path in them can be seen."""
    found = error(400, body=body)

    assert (code, words, 400) == (found.code, found.words, found.status)
    assert words == str(found)


@given(st.sampled_from([*range(300, 600)]), st.text() | st.text("x\u00e9 ", min_size=150), st.text(max_size=400))
def test_words_are_one_short_line(status: int, code: str, description: str) -> None:
    """Whatever FAX.PLUS or a library says, the words are one line of 200 characters at most, and say something."""
    errors = [
        error(status, body={"error": code, "description": description}),
        failed(Call.ONCE, httpx.ReadError(description)),
        unreadable(Call.ONCE, 201, description),
        not_refreshed(status),
    ]

    assert all(found.words.isprintable() and 0 < len(found.words) <= 200 for found in errors)


@pytest.mark.parametrize(
    ("body", "about_us"),
    [
        ({"error": "invalid_from"}, True),
        ({"error": "bad_request", "description": "Sender is not active"}, True),
        ({"error": "bad_request", "description": "file was removed from storage"}, False),
        ({"error": "bad_request", "description": "files[0]: /storage/transient-1.pdf is gone"}, False),
    ],
)
def test_refusal_of_our_own_number(body: object, *, about_us: bool) -> None:
    """A refusal that names the number we send from is the operator's; one about the fax stays about the fax."""
    found = error(400, body=body)

    assert (about_us, Verdict.TEMPORARY if about_us else Verdict.PERMANENT) == (found.operator, found.verdict)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("999999999999999999999", LONGEST_WAIT),
        ("Thu, 01 Jan 1970 00:17:40 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:17:40 -0000", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("\u0661\u0662", None),
        ("soon", None),
        ("Thu, 99 Foo 1970 00:00:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """Seconds or a date, an hour at most; nonsense is as if it were not there."""

    assert seconds == retry_after(value, now=1000.0)


@given(st.text())
def test_retry_after_reads_any_text(value: str) -> None:
    """No header makes it stumble, or wait for longer than an hour."""
    seconds = retry_after(value, now=1_800_000_000.0)

    assert seconds is None or 0 <= seconds <= LONGEST_WAIT


def test_throttled_send_waits_as_asked() -> None:
    """A 429 was surely not carried out, and says when to come back."""
    found = refused(Call.ONCE, 429, httpx.Headers({"Retry-After": "7"}), None, 1000.0)

    assert (Verdict.TEMPORARY, 7.0, False) == (found.verdict, found.retry_after, found.operator)
    assert error(429).retry_after is None


def test_unreadable() -> None:
    """A 2xx that cannot be read leaves a send in doubt; a read is made again."""

    assert Verdict.UNCERTAIN is unreadable(Call.ONCE, 201, "x").verdict
    assert Verdict.TEMPORARY is unreadable(Call.REPEATABLE, 200, "x").verdict


@pytest.mark.parametrize(
    ("status", "operator"),
    [(400, True), (401, True), (403, True), (404, True), (429, False), (408, False), (500, False), (302, False)],
)
def test_not_refreshed(status: int, *, operator: bool) -> None:
    """A refresh token that is refused is the operator's; trouble over there passes."""
    found = not_refreshed(status)

    assert (Verdict.TEMPORARY, operator, status) == (found.verdict, operator, found.status)


def test_the_one_place() -> None:
    """No other module of this room catches an exception of httpx by name, so none decides for itself what one means."""
    others = [path for path in Path(answers.__file__).parent.glob("*.py") if path.name != "answers.py"]
    catches = re.compile(r"(?:except|suppress|isinstance)\b.*\bhttpx\.")

    assert len(others) > 5
    assert [] == [path.name for path in others if catches.search(path.read_text())]
