"""Writes the mail that a notice is for, from what is on record."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage

from gateway import notice as notices
from gateway.config import Config
from gateway.fax import Fax
from gateway.faxplus import FaxPlus
from gateway.message import read_original
from gateway.notice.returned import LONGEST_HEADER
from gateway.schedule import Schedule
from gateway.spool import Spool
from gateway.store import Store
from gateway.submission import Notice, NoticeKind, Submission
from gateway.worker.frontpage import FrontPages
from gateway.worker.ledger import owed_id
from gateway.worker.paper import with_reports
from gateway.worker.zones import zones

MOST = 50
"""Faxes that one mail tells of; the others are told in further ones (RFC 4161 section 2.4)."""


OVERTAKEN = "overtaken: how the fax ended is told instead"


class OvertakenError(Exception):
    """What a notice is about is no longer so."""


class ElsewhereError(Exception):
    """The notice is told in the mail of another."""


class Scribe:
    """Who writes."""

    def __init__(
        self,
        config: Config,
        *,
        store: Store,
        spool: Spool,
        schedule: Schedule,
        faxplus: FaxPlus,
        front_pages: FrontPages | None = None,
    ) -> None:
        """Read the templates.

        Raises:
            gateway.notice.LibraryError: the operator's own cannot be used.
        """
        sender = config.relay.sender or f"postmaster@{config.domains[0]}"
        confirmations, own_name = config.confirmations, config.own_name
        zone, of_rules = zones(config)
        manner = notices.Manner(
            sender=sender,
            own_name=own_name,
            json=confirmations.json_,
            receipts=confirmations.receipts,
            zone=zone,
            zones=of_rules,
        )
        library = notices.Library(confirmations.templates)
        if confirmations.templates is not None:
            notices.prove(library)
        self._composer = notices.Composer(library, manner)
        self._from = {"sender": sender, "own_name": own_name}
        self._most = MOST if confirmations.gather == "auto" else 1
        self._return_size = confirmations.return_size
        self._faxplus = faxplus if confirmations.report else None
        self._front_pages = front_pages
        self._store = store
        self._spool = spool
        self._schedule = schedule

    async def write(self, notice: Notice) -> EmailMessage:
        """Write the mail of a due notice; who is told with it is settled before.

        Raises:
            OvertakenError: nothing is left to be told.
            ElsewhereError: another mail tells it.
            LookupError: what it is about is not on record.
        """
        if notice.kind is NoticeKind.OPERATOR or notice.text:  # an older release wrote down what it said of pieces
            return notices.operator(notice, **self._from)
        if notice.kind is NoticeKind.FORWARD:
            return await self._forwarded(notice)
        submission = await self._store.submission(notice.submission_id or "")
        if submission is None:
            raise LookupError(f"notice {notice.id} is about a mail that is not on record")
        if notice.kind is NoticeKind.PIECES:
            pieces = await self._store.shelf.given_up(submission.id)
            return self._composer.pieces(notice, submission, [one.fragment for one in pieces if one.fragment])
        if notice.kind is NoticeKind.ACCEPTED:
            return await self._accepted(notice, submission)
        return await self._told(notice, submission)

    async def _forwarded(self, notice: Notice) -> EmailMessage:
        submission = await self._store.submission(notice.submission_id or "")
        if submission is None:
            raise LookupError(f"notice {notice.id} passes on a mail that is not on record")
        async with self._spool.opened(submission.id) as mail:
            original = await asyncio.to_thread(read_original, mail, submission.size)
        return await asyncio.to_thread(notices.forward, notice, original, **self._from)

    async def _accepted(self, notice: Notice, submission: Submission) -> EmailMessage:
        faxes = await self._store.faxes_of(submission.id)
        told = [fax for fax in faxes if notices.owed_accepted(fax, submission) and not fax.final]
        if not told:
            raise OvertakenError(OVERTAKEN)
        return self._composer.accepted(notice, submission, told, picture=await self._picture(submission))

    async def _told(self, notice: Notice, submission: Submission) -> EmailMessage:
        stories = await self._stories(notice)
        wanted = [story.fax for story in stories if notices.reported(story.fax)]
        original, picture = await self._original(submission) if wanted else None, await self._picture(submission)
        if notice.kind is NoticeKind.LATE:
            return self._composer.late(notice, submission, stories, original=original, picture=picture)
        if self._faxplus is not None and not submission.discreet:
            stories = await with_reports(stories, self._faxplus)
        others = await self._others(submission)
        return self._composer.outcome(notice, submission, stories, original=original, picture=picture, others=others)

    async def _picture(self, submission: Submission) -> bytes | None:
        return None if self._front_pages is None else await self._front_pages.of(submission)

    async def _stories(self, notice: Notice) -> Sequence[notices.Story]:
        """What the mail tells, but for what is no longer so."""
        members = await self._store.gather(notice, self._most)
        if not members:
            raise ElsewhereError
        stories = []
        for member in members:
            fax = await self._store.fax(member.fax_id or "")
            if fax is None:
                raise LookupError(f"notice {member.id} is about a fax that is not on record")
            if _still_so(member, fax):
                until = self._schedule.gives_up_at(fax)
                stories.append(notices.Story(fax=fax, changes=await self._store.history(fax.id), until=until))
            elif member.id != notice.id:
                await self._store.tried(replace(member, due_at=None, last_error=OVERTAKEN))
        if not stories:
            raise OvertakenError(OVERTAKEN)
        return stories

    async def _others(self, submission: Submission) -> int:
        """How many faxes of the mail have not ended, and will be told of."""
        if self._most == 1 or submission.quiet:
            return 0
        faxes = await self._store.faxes_of(submission.id)
        return sum(not fax.final and fax.notify != "NEVER" for fax in faxes)

    async def _original(self, submission: Submission) -> notices.Original | None:
        """The sender's mail, as much of it as is wanted back; None when it is gone."""
        whole = submission.ret == "FULL" and submission.size <= self._return_size
        try:
            async with self._spool.opened(submission.id) as mail:
                most = None if whole else LONGEST_HEADER
                content = await asyncio.to_thread(read_original, mail, submission.size, most)
        except OSError:
            return None
        return notices.Original(content, whole=whole)


def _still_so(notice: Notice, fax: Fax) -> bool:
    """A fax that was sent once more, or has ended meanwhile, is told of otherwise."""
    return not fax.final if notice.kind is NoticeKind.LATE else notice.id == owed_id(fax)
