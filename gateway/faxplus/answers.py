"""What every answer of FAX.PLUS, and every way of getting none, means to us. The one place that decides it.

It matters whether a call may be repeated: after a lost answer to a reading call nothing is done, after a lost
answer to a `send` nobody knows.
"""

import ssl
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import NamedTuple

import httpx

from gateway.faxplus.complaint import plain, read_complaint


class Verdict(StrEnum):
    """What is known after a call."""

    ACCEPTED = "accepted"  #: it is done
    TEMPORARY = "temporary"  #: surely not done; it may be later
    PERMANENT = "permanent"  #: surely not done, and it never will be
    UNCERTAIN = "uncertain"  #: nobody knows whether it is done


class Call(StrEnum):
    """Whether a call does harm when it is made twice."""

    REPEATABLE = "repeatable"  #: reading, uploading
    ONCE = "once"  #: sending, cancelling: it changes something at FAX.PLUS


class FaxPlusError(Exception):
    """FAX.PLUS did not do what was asked, or nobody knows whether it did."""

    def __init__(
        self,
        verdict: Verdict,
        words: str,
        *,
        status: int | None = None,
        code: str = "",
        retry_after: float | None = None,
        operator: bool = False,
        about_an_upload: bool = False,
    ) -> None:
        super().__init__(words)
        self.verdict = verdict
        self.words = words  #: what happened, for logs and for the sender
        self.status = status  #: of the HTTP answer, if there was one
        self.code = code  #: FAX.PLUS's own word for it, if it gave one
        self.retry_after = retry_after  #: seconds for which FAX.PLUS asks us to wait
        self.operator = operator  #: nothing goes on before the operator acts; no fax is burnt by it
        self.about_an_upload = about_an_upload  #: FAX.PLUS names a document that was uploaded


class Reading(NamedTuple):
    """What one answer means."""

    repeatable: Verdict
    once: Verdict
    words: str
    operator: bool = False

    def verdict(self, call: Call) -> Verdict:
        """What is known after such a call."""
        return self.once if call is Call.ONCE else self.repeatable


_T, _P, _U, _A = Verdict.TEMPORARY, Verdict.PERMANENT, Verdict.UNCERTAIN, Verdict.ACCEPTED
_REFUSED = "FAX.PLUS refused the request"
_NOT_HERE = "FAX.PLUS does not know what the request names; see base_url and account"
_ELSEWHERE = "FAX.PLUS sent us elsewhere, where we do not go; see base_url"

STATUSES: dict[int, Reading] = {
    400: Reading(_P, _P, _REFUSED),
    401: Reading(_T, _T, "FAX.PLUS does not accept the token; it is wrong or has expired", operator=True),
    402: Reading(_T, _T, "FAX.PLUS wants credit", operator=True),
    403: Reading(_T, _T, "FAX.PLUS says that the token lacks a right", operator=True),
    # What lists, uploads or sends names the account and the address of the API: our settings, no fax's fault.
    404: Reading(_T, _T, _NOT_HERE, operator=True),
    405: Reading(_T, _T, _NOT_HERE, operator=True),
    406: Reading(_T, _U, "FAX.PLUS could not answer in the way we asked for"),
    407: Reading(_T, _T, "the proxy wants a login", operator=True),
    408: Reading(_T, _U, "FAX.PLUS waited too long for the request"),
    # Were it ever to refuse doubles, this is how: so the fax may be there already.
    409: Reading(_T, _U, "FAX.PLUS says that the request collides with another"),
    410: Reading(_T, _T, _NOT_HERE, operator=True),
    411: Reading(_P, _P, _REFUSED),
    412: Reading(_P, _P, _REFUSED),
    413: Reading(_P, _P, "FAX.PLUS says that the documents are too large"),
    414: Reading(_P, _P, _REFUSED),
    415: Reading(_P, _P, "FAX.PLUS does not take documents of this kind"),
    416: Reading(_P, _P, _REFUSED),
    417: Reading(_P, _P, _REFUSED),
    418: Reading(_P, _P, _REFUSED),
    421: Reading(_T, _T, "the request reached the wrong server"),
    422: Reading(_P, _P, _REFUSED),
    423: Reading(_T, _T, "FAX.PLUS says that it is locked"),
    424: Reading(_T, _T, "FAX.PLUS could not, because something else failed there"),
    425: Reading(_T, _T, "FAX.PLUS says that it is too early"),
    426: Reading(_T, _T, "FAX.PLUS wants another protocol", operator=True),
    428: Reading(_P, _P, _REFUSED),
    429: Reading(_T, _T, "FAX.PLUS asks us to slow down"),
    431: Reading(_P, _P, _REFUSED),
    451: Reading(_P, _P, "FAX.PLUS refuses for legal reasons"),
}
"""The 4xx statuses that are registered with IANA. Most are clear words: the request was read and not carried out."""

CLASSES: dict[int, Reading] = {
    1: Reading(_T, _U, "FAX.PLUS gave half an answer"),
    2: Reading(_A, _A, "FAX.PLUS accepted"),
    3: Reading(_T, _U, _ELSEWHERE, operator=True),
    # Proxies invented their own: 460 and 499 mean that they hung up on us while FAX.PLUS worked.
    4: Reading(_T, _U, "something between us and FAX.PLUS refused the request"),
    5: Reading(_T, _U, "FAX.PLUS had an error of its own"),
}
"""The first digit decides for every other status."""

NO_STATUS = Reading(_T, _U, "FAX.PLUS gave an answer that is none")
"""Six hundred and more."""

_UNREACHED = "FAX.PLUS cannot be reached"
_BROKEN = "the connection to FAX.PLUS broke"
_SLOW = "FAX.PLUS did not answer in time"
_OURS = "the request could not be made; see base_url"
_OURSELVES = "the answer of FAX.PLUS could not be read"

EXCEPTIONS: dict[type[Exception], Reading] = {
    # Not one octet of the request has left.
    httpx.ConnectError: Reading(_T, _T, _UNREACHED),
    httpx.ConnectTimeout: Reading(_T, _T, _UNREACHED),
    httpx.PoolTimeout: Reading(_T, _T, "too many requests to FAX.PLUS are under way"),
    httpx.ProxyError: Reading(_T, _T, "the proxy gives no way to FAX.PLUS"),
    httpx.UnsupportedProtocol: Reading(_T, _T, _OURS, operator=True),
    httpx.InvalidURL: Reading(_T, _T, _OURS, operator=True),
    # All or some of it may have.
    httpx.ReadTimeout: Reading(_T, _U, _SLOW),
    httpx.WriteTimeout: Reading(_T, _U, _SLOW),
    httpx.ReadError: Reading(_T, _U, _BROKEN),
    httpx.WriteError: Reading(_T, _U, _BROKEN),
    httpx.CloseError: Reading(_T, _U, _BROKEN),
    httpx.LocalProtocolError: Reading(_T, _U, _BROKEN),
    httpx.RemoteProtocolError: Reading(_T, _U, _BROKEN),
    httpx.DecodingError: Reading(_T, _U, _OURSELVES),
    httpx.TooManyRedirects: Reading(_T, _U, _ELSEWHERE),
    httpx.HTTPStatusError: Reading(_T, _U, _OURSELVES),
    httpx.CookieConflict: Reading(_T, _U, _OURSELVES),
    httpx.StreamConsumed: Reading(_T, _U, _OURSELVES),
    httpx.StreamClosed: Reading(_T, _U, _OURSELVES),
    httpx.ResponseNotRead: Reading(_T, _U, _OURSELVES),
    httpx.RequestNotRead: Reading(_T, _U, _OURSELVES),
    # The families of the above.
    httpx.TimeoutException: Reading(_T, _U, _SLOW),
    httpx.NetworkError: Reading(_T, _U, _BROKEN),
    httpx.ProtocolError: Reading(_T, _U, _BROKEN),
    httpx.TransportError: Reading(_T, _U, _BROKEN),
    httpx.RequestError: Reading(_T, _U, _BROKEN),
    httpx.HTTPError: Reading(_T, _U, _BROKEN),
    httpx.StreamError: Reading(_T, _U, _OURSELVES),
    # Not httpx's: its TLS lets this one through; our own deadline.
    ssl.SSLError: Reading(_T, _U, _BROKEN),
    TimeoutError: Reading(_T, _U, _SLOW),
}

FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError, ssl.SSLError, TimeoutError)
"""What is caught around a request. Anything else is an error of our own."""

GONE = frozenset({404, 410})
"""Refusals of what is not there."""

PASSING = frozenset({408, 421, 425, 429})
"""Refusals of a new token that are not about the token."""

LONGEST_WAIT = 3600.0
"""Seconds of a Retry-After that are honoured; asking once an hour is never a burden."""


def of_status(status: int) -> Reading:
    """Say what an HTTP status means."""
    return STATUSES.get(status) or CLASSES.get(status // 100) or NO_STATUS


def of_exception(kind: type[BaseException]) -> Reading:
    """Say what an exception of `FOREIGN` means: by its own entry, or by that of its nearest family."""
    return next(EXCEPTIONS[family] for family in kind.__mro__ if family in EXCEPTIONS)


def failed(call: Call, error: Exception) -> FaxPlusError:
    """Make our error of an exception of `FOREIGN`."""
    reading = of_exception(type(error))
    detail = plain(str(error)) or type(error).__name__
    return FaxPlusError(reading.verdict(call), plain(f"{reading.words} ({detail})"), operator=reading.operator)


def refused(call: Call, status: int, headers: Mapping[str, str], body: object, now: float) -> FaxPlusError:
    """Make our error of an answer that is no 2xx.

    Args:
        call: whether the call may be repeated.
        status: the HTTP status.
        headers: of the answer; Retry-After counts.
        body: the JSON in it, if there was any; FAX.PLUS writes `error` and `description` (SDK: error.py).
        now: seconds since the epoch by FAX.PLUS's clock, for a Retry-After that names a date.
    """
    complaint, reading = read_complaint(body), of_status(status)
    if reading.verdict(call) is Verdict.PERMANENT and complaint.about_our_number:
        reading = Reading(_T, _T, "FAX.PLUS does not take the number that we send from", operator=True)
    elif call is Call.ONCE and status in GONE and complaint.about_an_upload:
        reading = Reading(_P, _P, "FAX.PLUS does not know a document of the fax")
    detail = f"{status} {complaint}".strip()
    return FaxPlusError(
        reading.verdict(call),
        plain(f"{reading.words} ({detail})"),
        status=status,
        code=complaint.code,
        retry_after=retry_after(headers.get("retry-after", ""), now),
        operator=reading.operator and reading.verdict(call) is Verdict.TEMPORARY,
        about_an_upload=complaint.about_an_upload,
    )


def unreadable(call: Call, status: int, why: str) -> FaxPlusError:
    """Make our error of a 2xx whose body does not say what it should: what was done is not known."""
    verdict = Verdict.UNCERTAIN if call is Call.ONCE else Verdict.TEMPORARY
    return FaxPlusError(verdict, plain(f"the answer of FAX.PLUS could not be read ({status}: {why})"), status=status)


def not_refreshed(status: int) -> FaxPlusError:
    """Make our error of a refusal to refresh a token. What else it says may repeat the token, and is not shown."""
    reading = of_status(status)
    if status // 100 == 4 and status not in PASSING:  # noqa: PLR2004  # the class of a status is its first digit
        words = f"FAX.PLUS does not refresh the token ({status}); the refresh token or the client's secret is wrong"
        return FaxPlusError(_T, words, status=status, operator=True)
    return FaxPlusError(_T, f"the token could not be refreshed: {reading.words} ({status})", status=status)


def retry_after(value: str, now: float) -> float | None:
    """Read a Retry-After (RFC 9110 section 10.2.3) as seconds from now; None when there is none to read."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(value)
        at = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, at - now), LONGEST_WAIT)
