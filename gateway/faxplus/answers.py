"""The one place that decides what an answer of FAX.PLUS, or the lack of one, means to us.

The whole difficulty is in one call: there is no idempotency key, so a `send` whose answer is not clear
must never be repeated before somebody has looked whether it arrived. Every other call can be repeated.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

import httpx


class Verdict(StrEnum):
    """What we know after a call."""

    ACCEPTED = "accepted"  #: done
    TEMPORARY = "temporary"  #: surely not done; may be done later
    PERMANENT = "permanent"  #: surely not done, and never will be
    UNCERTAIN = "uncertain"  #: nobody knows whether it was done


class FaxPlusError(Exception):
    """A call that was not accepted, and what that means."""

    def __init__(
        self,
        verdict: Verdict,
        words: str,
        *,
        status: int | None = None,
        code: str = "",
        retry_after: float | None = None,
        operator: bool = False,
    ) -> None:
        """Say what happened.

        Args:
            verdict: what we know.
            words: what happened, for the log, the operator and, with a permanent verdict, the sender.
            status: the HTTP status, if there was one.
            code: FAX.PLUS's own word for the error, if it gave one.
            retry_after: seconds that FAX.PLUS asked us to wait.
            operator: whether only the operator can mend it; no fax is to suffer for it.
        """
        super().__init__(words)
        self.verdict = verdict
        self.words = words
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.operator = operator


@dataclass(frozen=True, slots=True)
class Complaint:
    """The body of an error answer (reference: Error), as far as there was one."""

    code: str = ""
    description: str = ""

    @property
    def words(self) -> str:
        """What FAX.PLUS said, on one short line."""
        said = ": ".join(filter(None, (self.code, self.description)))
        return re.sub(r"[^ -~]+", " ", said)[:200]


# Before any octet of the request has left: surely not done.
_NOT_SENT = Verdict.TEMPORARY, Verdict.TEMPORARY
# On its way, or answered in a way that nobody can read: only a send may have been done.
_LOST = Verdict.TEMPORARY, Verdict.UNCERTAIN

EXCEPTIONS: dict[type[Exception], tuple[Verdict, Verdict]] = {
    httpx.ConnectError: _NOT_SENT,
    httpx.ConnectTimeout: _NOT_SENT,
    httpx.PoolTimeout: _NOT_SENT,
    httpx.ProxyError: _NOT_SENT,
    httpx.UnsupportedProtocol: _NOT_SENT,
    httpx.InvalidURL: _NOT_SENT,
    httpx.ReadTimeout: _LOST,
    httpx.WriteTimeout: _LOST,
    httpx.ReadError: _LOST,
    httpx.WriteError: _LOST,
    httpx.CloseError: _LOST,
    httpx.LocalProtocolError: _LOST,
    httpx.RemoteProtocolError: _LOST,
    httpx.DecodingError: _LOST,
    httpx.TooManyRedirects: _LOST,
    httpx.HTTPStatusError: _LOST,
    httpx.CookieConflict: _LOST,
    httpx.StreamConsumed: _LOST,
    httpx.StreamClosed: _LOST,
    httpx.ResponseNotRead: _LOST,
    httpx.RequestNotRead: _LOST,
    TimeoutError: _LOST,  # our own deadline around the whole call
}
"""What each exception means to a call that may be repeated, and to a send."""

OPERATOR = {
    HTTPStatus.UNAUTHORIZED: "the token is wrong or has expired",
    HTTPStatus.PAYMENT_REQUIRED: "credit is missing",
    HTTPStatus.FORBIDDEN: "the token lacks a right",
    HTTPStatus.NOT_FOUND: "there is no such place; is base_url right?",
    HTTPStatus.METHOD_NOT_ALLOWED: "there is no such call; is base_url right?",
}
"""Answers that only the operator can mend. No fax may suffer for them."""

OUR_NUMBER = re.compile(r"\b(from|sender|caller)", re.IGNORECASE)
"""A complaint about the number that we send from is the operator's too."""


def of_exception(error: Exception, *, sending: bool) -> FaxPlusError:
    """What it means that a call ended in an exception of httpx, or in our own deadline."""
    repeatable, sent = EXCEPTIONS[type(error)]
    words = f"no clear answer from FAX.PLUS ({type(error).__name__})"
    return FaxPlusError(sent if sending else repeatable, words)


def of_status(status: int, complaint: Complaint, *, sending: bool, retry_after: float | None = None) -> FaxPlusError:
    """What it means that a call was answered with a status other than 2xx."""
    operator = _operators(status, complaint)
    words = complaint.words or operator or f"FAX.PLUS answered {status}"
    verdict = Verdict.TEMPORARY if operator else _verdict(status, sending=sending)
    return FaxPlusError(
        verdict, words, status=status, code=complaint.code, retry_after=retry_after, operator=bool(operator)
    )


def unreadable(status: int, *, sending: bool) -> FaxPlusError:
    """What it means that a 2xx answer cannot be read."""
    verdict = Verdict.UNCERTAIN if sending else Verdict.TEMPORARY
    return FaxPlusError(verdict, "FAX.PLUS gave an answer that cannot be read", status=status)


def seconds_to_wait(header: str | None, now: float) -> float | None:
    """Read Retry-After (RFC 9110 section 10.2.3): seconds, or a date. None when absent or nonsense."""
    if header is None:
        return None
    if re.fullmatch(r"\d{1,9}", header.strip()):
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (zoned - datetime.fromtimestamp(now, UTC)).total_seconds())


def _operators(status: int, complaint: Complaint) -> str:
    """What the operator must mend, or nothing."""
    if status == HTTPStatus.BAD_REQUEST and OUR_NUMBER.search(complaint.code + " " + complaint.description):
        return "FAX.PLUS does not take the number that we send from"
    return OPERATOR.get(HTTPStatus(status), "") if status in set(HTTPStatus) else ""


def _verdict(status: int, *, sending: bool) -> Verdict:
    """Only a plain refusal (4xx) of a send is certain; a proxy may say 408 or 5xx after FAX.PLUS has it."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Verdict.TEMPORARY
    if status // 100 == 4 and status != HTTPStatus.REQUEST_TIMEOUT:  # noqa: PLR2004  # the class of client errors
        return Verdict.PERMANENT
    return Verdict.UNCERTAIN if sending else Verdict.TEMPORARY
