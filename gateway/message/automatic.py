"""Mail that machines wrote: answers and lists, which are never faxed, and reports, which are faxed quietly.

Whether our own notices, bounces and lists come back here decides about mail loops (RFC 3834 sections 2 and 5).
"""

import re
from collections.abc import Iterator

from gateway.message.header import Header

_NOT_FAXED = frozenset({"list", "junk", "auto_reply"})


def automatic(header: Header, content_type: str) -> str | None:
    """Return why a mail must be neither faxed nor answered, or None.

    Args:
        header: of the whole mail.
        content_type: its media type in lower case.
    """
    return next(_reasons(header, content_type), None)


def quiet(header: Header) -> bool:
    """Whether a program sent it that only wants to hear of failures, such as a scanner or an ERP system."""
    generated = _word(header, "auto-submitted") == "auto-generated" or _word(header, "precedence") == "bulk"
    return generated or _wants_no_answers(header)


def _wants_no_answers(header: Header) -> bool:
    """Exchange's own field ([MS-OXCMAIL] section 2.2.3.2.14), which programs and devices set: no reason to refuse."""
    asked = {word.strip() for word in header.get("x-auto-response-suppress").lower().split(",")}
    return not asked.isdisjoint({"all", "autoreply"})


def _reasons(header: Header, content_type: str) -> Iterator[str]:
    if "x-fax-id" in header.names():
        yield "it is a confirmation of a fax that has come back"
    submitted = _word(header, "auto-submitted")
    if submitted not in {"", "no", "auto-generated"}:
        yield f"it is an automatic answer (Auto-Submitted: {submitted})"
    if content_type == "multipart/report":
        yield "it is a report about another mail"
    if any(name.startswith("list-") for name in header.names()):
        yield "it comes from a mailing list"
    if _word(header, "precedence") in _NOT_FAXED:
        yield f"it is mass mail (Precedence: {_word(header, 'precedence')})"
    if _word(header, "x-autoreply") not in {"", "no"}:
        yield "it is an automatic answer (X-Autoreply)"


def _word(header: Header, name: str) -> str:
    """The first word of a field; comments may stand before it (RFC 3834 section 5)."""
    match = re.match(r"[a-z0-9_-]{1,40}", re.sub(r"\([^()]{0,200}\)", " ", header.get(name).lower()).strip())
    return match[0] if match else ""
