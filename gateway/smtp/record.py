"""What is put on record when a mail is accepted."""

import hashlib
from collections.abc import Callable

from gateway.fax import Fax
from gateway.message import Mail
from gateway.smtp.incoming import Incoming
from gateway.submission import Document, Notice, NoticeKind, Submission


def submission(incoming: Incoming, mail: Mail | None, documents: tuple[Document, ...], now: float) -> Submission:
    """Return the mail's own record; `mail` is None when only its envelope could be read."""
    envelope, draft = incoming.envelope, incoming.draft
    rule = envelope.rule
    return Submission(
        id=draft.id,
        sender=envelope.sender.written,
        confirm_to=rule.confirm_to if rule else None,
        rule=rule.name if rule else "",
        client=envelope.client.who,
        message_id=mail.message_id if mail else "",
        references=mail.references if mail else "",
        subject=mail.subject if mail else "",
        quiet=mail.quiet if mail else False,
        received_at=now,
        size=draft.size,
        sha256=draft.sha256,
        content=content(documents),
        left_out=mail.left_out if mail else (),
        documents=documents,
    )


def content(documents: tuple[Document, ...]) -> str:
    """Return what tells that a mail is a repeat: a hash of its documents in their order, hex; empty without any.

    Neither dates nor the Message-ID count, for devices leave them out or make them anew.
    """
    if not documents:
        return ""
    return hashlib.sha256("".join(document.sha256 for document in documents).encode()).hexdigest()


def faxes(incoming: Incoming, new_id: Callable[[], str], now: float) -> tuple[Fax, ...]:
    """Return one fax for each number, due at once."""
    return tuple(
        Fax(
            id=new_id(),
            submission_id=incoming.draft.id,
            number=number,
            recipient=recipient,
            due_at=now,
            created_at=now,
            queued_at=now,
        )
        for number, recipient in incoming.envelope.numbers.items()
    )


def notices(incoming: Incoming, operator: str, new_id: Callable[[], str], now: float) -> tuple[Notice, ...]:
    """Return what is owed for it at once: mail to postmaster is passed on to the operator."""
    if not incoming.envelope.for_operator:
        return ()
    return (
        Notice(
            id=new_id(),
            kind=NoticeKind.FORWARD,
            recipient=operator,
            submission_id=incoming.draft.id,
            created_at=now,
            due_at=now,
        ),
    )
