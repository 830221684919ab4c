"""What is put on record when a mail is accepted."""

import hashlib
from collections.abc import Callable, Mapping

from gateway.fax import Fax, Recipient
from gateway.message import Mail
from gateway.smtp.incoming import Incoming
from gateway.smtp.parameters import RcptWishes
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
        receipt_to=mail.receipt_to if mail else "",
        quiet=bool(mail and mail.quiet) and not (rule and rule.confirm_machines),
        received_at=now,
        size=draft.size,
        sha256=draft.sha256,
        content=content(documents, mail.cover if mail else ""),
        cover=mail.cover if mail else "",
        from_number=(rule.number or "") if rule else "",
        language=rule.language if rule else "en",
        discreet=rule.discreet if rule else False,
        hold=envelope.wishes.hold,
        envid=envelope.wishes.envid,
        ret=envelope.wishes.ret,
        fragment=incoming.fragment,
        left_out=mail.left_out if mail else (),
        documents=documents,
    )


def content(documents: tuple[Document, ...], cover: str) -> str:
    """Return what tells that a mail is a repeat: a hash of what it faxes, in its order, hex; empty without documents.

    Neither dates nor the Message-ID count, for devices leave them out or make them anew.
    """
    if not documents:
        return ""
    return hashlib.sha256(("".join(document.sha256 for document in documents) + cover).encode()).hexdigest()


def faxes(incoming: Incoming, new_id: Callable[[], str], now: float) -> tuple[Fax, ...]:
    """Return one fax for each number, due at once or when its sender lets it go (RFC 4865); none for a mere piece."""
    if incoming.fragment is not None and not incoming.fragment.joined:
        return ()
    envelope, wishes = incoming.envelope, incoming.envelope.wishes
    released_at = now if wishes.release_at is None else max(now, wishes.release_at)
    return tuple(
        Fax(
            id=new_id(),
            submission_id=incoming.draft.id,
            number=number,
            recipient=recipient,
            written=_written(envelope.written[number]),
            due_at=released_at,
            created_at=now,
            queued_at=released_at,
            notify=envelope.asked_of(number).notify,
            orcpt=envelope.asked_of(number).orcpt,
            by_at=wishes.by_at,
            by_mode=wishes.by_mode,
        )
        for number, recipient in envelope.numbers.items()
    )


def _written(spellings: Mapping[str, RcptWishes]) -> tuple[Recipient, ...]:
    """Every recipient that is one number; none where there is one, which the fax itself has."""
    if len(spellings) == 1:
        return ()
    return tuple(Recipient(address, wishes.notify, wishes.orcpt) for address, wishes in spellings.items())


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
