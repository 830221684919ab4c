"""A correct mail (RFC 5322, RFC 3834) around a subject and a text, and its bytes as they go over the wire."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address, BaseHeader, Group, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, Policy
from typing import Any

from gateway.submission import Notice

NAME = "Fax gateway"

LONGEST_LINE = 998
"""Octets without CRLF (RFC 5322 section 2.1.1)."""

LONGEST_FOLDED = 76
"""Of a line with encoded words (RFC 2047 section 2)."""

LONGEST_WORD = 60
"""Characters of a word that a line can be folded around; longer ones are encoded to be cut."""

MESSAGE_ID = re.compile(r"<[!#-;=?A-~]{1,120}@[!#-;=?A-Z\[\]^-~]{1,120}>")
"""What an id must look like for us to repeat it: no blanks, quotes or further brackets."""

REFERENCES = 10
"""The newest that are kept, beside the oldest, which names the thread."""


class _Text(UnstructuredHeader, BaseHeader):
    """Words, encoded in the same way by every version of Python."""

    def fold(self, *, policy: Policy) -> str:
        folds = self.isascii() and all(len(word) < LONGEST_WORD for word in self.split())
        charset = "us-ascii" if folds else "utf-8"
        folded = Header(self, charset, maxlinelen=LONGEST_FOLDED, header_name=self.name)
        return f"{self.name}: {folded.encode(linesep=policy.linesep)}{policy.linesep}"


class Verbatim(UnstructuredHeader, BaseHeader):
    """A field that is written as it is: no encoded words in it, none made of it, no folding."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Take it for what it is."""
        kwds["parse_tree"] = cls.value_parser("")
        kwds["decoded"] = value

    def fold(self, *, policy: Policy) -> str:
        """Write one line."""
        return f"{self.name}: {self}{policy.linesep}"


class _Ids(UnstructuredHeader, BaseHeader):
    """Message ids, one a line: they must not be encoded, however long they are."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {f'{policy.linesep} '.join(self.split())}{policy.linesep}"


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    registry.map_to_type("subject", _Text)
    registry.map_to_type("in-reply-to", _Ids)
    registry.map_to_type("references", _Ids)
    registry.map_to_type("x-fax-result", Verbatim)
    return registry


POLICY = SMTP.clone(header_factory=_registry(), cte_type="7bit")
PLAIN = SMTP.clone(header_factory=HeaderRegistry(default_class=Verbatim, use_default_map=False), cte_type="7bit")
"""For parts of which every field is written as it is."""


def letter(
    notice: Notice, *, sender: str, own_name: str, at: float, subject: str, language: str = "en"
) -> EmailMessage:
    """Begin a mail to the notice's recipient, with its header alone. The subject must be printable already.

    The Message-ID comes from the notice's id, so that a mail that leaves twice is the same mail.
    """
    mail = EmailMessage(policy=POLICY)
    mail["From"] = _mailbox(sender, NAME)
    mail["To"] = _mailbox(notice.recipient)
    mail["Subject"] = subject
    mail["Date"] = datetime.fromtimestamp(at, UTC)
    mail["Message-ID"] = f"<{atom(notice.id)}@{own_name}>"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["MIME-Version"] = "1.0"
    mail["Content-Language"] = language
    return mail


def write(part: MIMEPart, text: str, subtype: str = "plain") -> None:
    """Make text the content of a mail or of a part, seven-bit."""
    part.set_content(text, subtype=subtype, cte="7bit" if _is_seven_bit(text) else "quoted-printable")


def text_part(text: str, subtype: str = "plain") -> MIMEPart:
    """Make a part of a text."""
    part = MIMEPart(policy=POLICY)
    write(part, text, subtype)
    return part


def join(whole: MIMEPart, parts: Sequence[MIMEPart], subtype: str, boundary: str) -> None:
    """Make parts the content of a mail or of a part.

    Args:
        whole: what they become the content of.
        parts: in their order.
        subtype: of `multipart`, with its parameters.
        boundary: what only this mail knows; the same at every retry. "=_", which begins it, occurs in no encoded text.
    """
    whole["Content-Type"] = f'multipart/{subtype}; boundary="=_{boundary}"'
    whole.set_payload(list(parts))


def atom(id: str) -> str:
    """Write an id of ours as it can stand in a Message-ID."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", id)


def reply_to(mail: EmailMessage, message_id: str, references: str) -> None:
    """Put the mail into the thread of the one it answers (RFC 5322 section 3.6.4), if that one has a sane id."""
    answered = message_id.strip()
    if not MESSAGE_ID.fullmatch(answered):
        return
    older = [known for known in dict.fromkeys(MESSAGE_ID.findall(references)) if known != answered]
    kept = older if len(older) <= REFERENCES else [older[0], *older[-REFERENCES:]]
    mail["In-Reply-To"] = answered
    mail["References"] = " ".join([*kept, answered])


def to_bytes(mail: EmailMessage) -> bytes:
    """Return the mail as it goes over the wire: CRLF, seven-bit, lines of at most 998 octets."""
    return mail.as_bytes(policy=POLICY)


def _mailbox(address: str, name: str = "") -> Address | Group:
    """As strict as the RFC where the address is, as lenient as mail servers where it is not (`a..b@example.org`).

    What cannot stand in a header is left out: RCPT has the address, and the mail must go.
    """
    local, _, domain = address.rpartition("@")
    for parts in ({"addr_spec": address}, {"username": local, "domain": domain}):
        try:
            mailbox = Address(name, **parts)
            if address.isascii() and mailbox.addr_spec == address:
                return mailbox
        except (ValueError, IndexError, MessageError):
            continue
    return Group("undisclosed-recipients")


def _is_seven_bit(text: str) -> bool:
    return text.isascii() and all(len(line) <= LONGEST_LINE for line in text.split("\n"))
