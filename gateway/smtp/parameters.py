"""The parameters behind the path of MAIL and RCPT (RFC 5321 section 4.1.2), and what their senders ask for by them.

SIZE (RFC 1870), BODY (RFC 6152, RFC 3030), AUTH (RFC 4954), RET, ENVID, NOTIFY and ORCPT (RFC 3461); the times are read
in `timing`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from gateway.smtp import timing, xtext
from gateway.smtp.reply import RefusedError
from gateway.smtp.terms import Terms

LONGEST_ENVID = 100
LONGEST_ORCPT = 500
"""Octets of these as they are written (RFC 3461 section 5.4)."""

REPORTS = ("SUCCESS", "FAILURE", "DELAY")
"""What NOTIFY may ask to hear of, beside NEVER."""

_PARAMETER = re.compile(rb"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[!-<>-~]+))?")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SIZE = re.compile(r"[0-9]{1,20}")
_BODY = re.compile(r"7BIT|8BITMIME|BINARYMIME", re.IGNORECASE)
_RET = re.compile(r"FULL|HDRS", re.IGNORECASE)
_NOTIFY = re.compile(rf"NEVER|(?:{'|'.join(REPORTS)})(?:,(?:{'|'.join(REPORTS)}))*", re.IGNORECASE)
_ORCPT = re.compile(rf"(?P<type>{_ATOM});(?P<address>.+)")
_ANY = re.compile(r".+")

_MAIL = frozenset({"SIZE", "BODY", "AUTH", "RET", "ENVID"})
_MAIL_SUBMITTED = _MAIL | {"HOLDFOR", "HOLDUNTIL", "BY"}
_RCPT = frozenset({"NOTIFY", "ORCPT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWishes:
    """What MAIL asks for. Times are seconds since the epoch."""

    announced: int = 0  #: octets, as the client says in SIZE; 0 when it does not
    body: str = ""  #: "7BIT", "8BITMIME", "BINARYMIME" or nothing
    envid: str = ""  #: ENVID, decoded
    ret: str = ""  #: "FULL", "HDRS" or nothing
    release_at: float | None = None  #: nothing is to leave before
    hold: str = ""  #: how that was written: "for;3600" or "until;2027-01-15T08:00:00Z"
    by_at: float | None = None  #: until when it is to arrive
    by_mode: str = ""  #: what follows then: "R" gives it up, "N" only tells that it is late


@dataclass(frozen=True, slots=True, kw_only=True)
class RcptWishes:
    """What RCPT asks for."""

    notify: str = ""  #: "NEVER", or some of "SUCCESS,FAILURE,DELAY" in this order; empty: nobody asked
    orcpt: str = ""  #: "type;address", decoded


NO_WISHES = RcptWishes()


def of_mail(text: bytes, terms: Terms) -> MailWishes:
    """Read the parameters of MAIL.

    Args:
        text: what stands behind the path.
        terms: what the listener offers.

    Raises:
        RefusedError: not known or not offered (555), malformed or repeated (501), contradicting each other (501), or
            announcing a mail that is too large (552).
    """
    found = _read(text, _MAIL_SUBMITTED if terms.submission else _MAIL, "MAIL")
    announced = int(_value(found, "SIZE", _SIZE) or 0)
    if announced > terms.largest:
        raise RefusedError(552, "5.3.4", f"the mail is too large; at most {terms.largest} octets are taken")
    _decoded("AUTH", _value(found, "AUTH", _ANY))  # who gave it to the client; we trust nobody's word for it
    hold_for, hold_until = _value(found, "HOLDFOR", _ANY), _value(found, "HOLDUNTIL", _ANY)
    release = timing.release_at(hold_for, hold_until, terms)
    by_at, by_mode = timing.deliver_by(_value(found, "BY", _ANY), release, terms)
    return MailWishes(
        announced=announced,
        body=_value(found, "BODY", _BODY).upper(),
        envid=_decoded("ENVID", _value(found, "ENVID", _ANY), LONGEST_ENVID),
        ret=_value(found, "RET", _RET).upper(),
        release_at=release,
        hold=f"for;{hold_for}" if hold_for else f"until;{hold_until}" if hold_until else "",
        by_at=by_at,
        by_mode=by_mode,
    )


def of_rcpt(text: bytes) -> RcptWishes:
    """Read the parameters of RCPT.

    Raises:
        RefusedError: not known (555), malformed or repeated (501).
    """
    found = _read(text, _RCPT, "RCPT")
    asked = set(_value(found, "NOTIFY", _NOTIFY).upper().split(","))
    notify = "NEVER" if "NEVER" in asked else ",".join(word for word in REPORTS if word in asked)
    match = _ORCPT.fullmatch(written := _value(found, "ORCPT", _ANY))
    if written and match is None:
        _malformed("ORCPT")
    address = _decoded("ORCPT", match["address"], LONGEST_ORCPT - len(match["type"]) - 1) if match else ""
    return RcptWishes(notify=notify, orcpt=f"{match['type']};{address}" if match else "")


def united(one: RcptWishes, other: RcptWishes) -> RcptWishes:
    """Unite what two recipients ask for who are one fax: everything is told that one of them wants told.

    Who asks for nothing wants to hear of failure and delay, and of success if that is our custom.
    """
    orcpt = one.orcpt or other.orcpt
    asked = {one.notify, other.notify} - {"NEVER"}
    if len(asked) <= 1:
        return RcptWishes(notify=asked.pop() if asked else "NEVER", orcpt=orcpt)
    wanted = {word for notify in asked for word in notify.split(",")}
    if "" in asked:
        return RcptWishes(notify=",".join(REPORTS) if "SUCCESS" in wanted else "", orcpt=orcpt)
    return RcptWishes(notify=",".join(word for word in REPORTS if word in wanted), orcpt=orcpt)


def _read(text: bytes, known: frozenset[str], command: str) -> Mapping[str, str | None]:
    """Return the parameters by their names, in capital letters."""
    found: dict[str, str | None] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise RefusedError(501, "5.5.4", "parameters are written NAME or NAME=VALUE")
        name = match["name"].decode().upper()
        if name in found:
            raise RefusedError(501, "5.5.4", f"{name} stands there twice")
        if name not in known:
            raise RefusedError(555, "5.5.4", f"this parameter of {command} is not known here")
        found[name] = match["value"].decode() if match["value"] else None
    return found


def _value(found: Mapping[str, str | None], name: str, form: re.Pattern[str]) -> str:
    """Return a parameter's value; nothing when it is not there."""
    if name not in found:
        return ""
    value = found[name]
    if value is None or form.fullmatch(value) is None:
        _malformed(name)
    return value


def _decoded(name: str, value: str, longest: int | None = None) -> str:
    if longest is not None and len(value) > longest:
        raise RefusedError(501, "5.5.4", f"{name} is too long")
    try:
        return xtext.decode(value)
    except ValueError:
        _malformed(name)


def _malformed(name: str) -> NoReturn:
    raise RefusedError(501, "5.5.4", f"the value of {name} is not understood")
