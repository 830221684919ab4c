"""Takes queued faxes to FAX.PLUS: upload, put the attempt on record, POST once.

There is no idempotency key, so the order is the whole point: the claim is committed before the
request leaves, and when no clear answer comes, nothing is written; `ask` looks for the fax later.
"""

import asyncio
import math
from collections.abc import Callable

import structlog

from gateway.event import Accepted, Claimed, Deferred, GivenUp, Refused
from gateway.fax import Fax
from gateway.faxplus import Cover, FaxPlus, FaxPlusError, Verdict
from gateway.policy import CapReachedError
from gateway.schedule import Schedule
from gateway.store import Store
from gateway.submission import Submission
from gateway.worker.gate import Gate
from gateway.worker.hand import Hand
from gateway.worker.late import too_late
from gateway.worker.ledger import Ledger
from gateway.worker.patience import Patience
from gateway.worker.purse import Purse
from gateway.worker.uploads import DocumentLostError, Uploads

log = structlog.get_logger()

UPLOADS_UNKNOWN = frozenset({400, 404, 410, 422})
"""Answers that may be about uploads which FAX.PLUS has forgotten."""
UPLOADING_AGAIN = "uploading again"
BUSY_FOR = 1800.0
"""Seconds after its claim for which a fax under way holds back others to the same number, lest they find it busy."""


class Submitter:
    """Submits what is due."""

    def __init__(
        self,
        *,
        store: Store,
        uploads: Uploads,
        faxplus: FaxPlus,
        ledger: Ledger,
        schedule: Schedule,
        gate: Gate,
        patience: Patience,
        now: Callable[[], float],
        hand: Hand,
        purse: Purse,
        at_once: int,
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._faxplus = faxplus
        self._ledger = ledger
        self._schedule = schedule
        self._gate = gate
        self._patience = patience
        self._now = now
        self._hand = hand
        self._purse = purse
        self._at_once = asyncio.Semaphore(at_once)

    async def submit_due(self) -> None:
        """Submit every queued fax whose time has come, a few at a time."""
        now = self._now()
        if self._gate.wait(now) > 0:
            return
        ready = await self._store.to_submit(now, hold=BUSY_FOR, astray_after=self._schedule.astray_after(now))
        faxes = _one_a_number(ready)[: self._gate.admits()]
        async with asyncio.TaskGroup() as group:
            for fax in faxes:
                group.create_task(self._in_turn(fax))

    async def _in_turn(self, fax: Fax) -> None:
        async with self._at_once:
            if self._gate.wait(self._now()) > 0:  # closed meanwhile by one of the others
                return
            if self._hand.poisoned(fax.id):
                await self._set_aside(fax)
                return
            try:
                with self._hand.holding(fax.id):
                    await self._submit(fax)
            except Exception:
                log.exception("fax.stumbled", fax=fax.id)
                await self._stumbled(fax)

    async def _stumbled(self, fax: Fax) -> None:
        """Put it off, if it can be written; the others, whose requests are under way, must not suffer for it."""
        try:
            await self._put_off(fax, "an error of our own; see the log")
        except Exception:
            log.exception("fax.stumbled", fax=fax.id)

    async def _set_aside(self, fax: Fax) -> None:
        """It made us stumble again and again: the others go on, and the operator hears."""
        self._hand.forgive(fax.id)
        subject = f"Fax {fax.id} is set aside for a while"
        text = f"""Fax {fax.id} made the gateway stumble three times in a row; the log tells over what.

It is set aside for a while and tried again then; other faxes go on. `fax-gateway show {fax.id}` tells more,
`fax-gateway cancel {fax.id}` takes it back.
"""
        await self._ledger.tell_operator(f"poison-{fax.id}", subject, text)
        await self._put_off(fax, "set aside: it made the gateway stumble", at=self._schedule.aside_until(self._now()))

    async def _submit(self, fax: Fax) -> None:
        if self._schedule.over(fax, self._now()) and self._patience.may_end():
            await self._ledger.happened(fax, GivenUp(reason=self._why_not(fax)))
            return
        if self._schedule.missed(fax, self._now()):
            await self._put_off(fax, "the time that its sender gave seems to be over, by a clock just set")
            return
        started = self._now()
        try:
            submission, paths = await self._uploads.of(fax.submission_id)
        except DocumentLostError as error:
            await self._ledger.happened(fax, Refused(reason=f"the document is no longer readable here: {error}"))
        except FaxPlusError as error:
            await self._not_taken(fax, error)
        else:
            await self._post(fax, submission, paths, started)
            await self._purse.warn()

    def _why_not(self, fax: Fax) -> str:
        if self._schedule.missed(fax, self._now()):
            return too_late(fax)
        return f"not sent in time: {fax.reason or 'never taken'}"

    async def _post(self, fax: Fax, submission: Submission, paths: list[str], started: float) -> None:
        if self._schedule.missed(fax, self._now()):  # while documents were uploaded; the next round gives it up
            return
        if objection := self._purse.objection(fax, submission):
            await self._ledger.happened(fax, Refused(reason=objection))
            return
        claimed = await self._claim(fax, submission)
        if claimed is None:
            return
        self._patience.vouch(claimed.token)
        if not await self._still_ours(claimed):
            return
        try:
            remote_ids = await self._faxplus.send(
                to=fax.number,
                files=paths,
                token=claimed.token,
                from_=submission.from_number,
                cover=_cover(fax, submission),
            )
        except FaxPlusError as error:
            if error.verdict is Verdict.UNCERTAIN:
                self._gate.trouble(self._now())
                log.warning("fax.in_doubt", fax=fax.id, reason=error.words)
            elif (again_at := await self._upload_again_at(fax, error, started)) is not None:
                await self._put_off(claimed, f"{error.words}; {UPLOADING_AGAIN}", at=again_at)
            else:
                await self._not_taken(claimed, error)
        else:
            self._gate.open(fax.number)
            ask_at = self._schedule.ask_at(claimed, self._now())
            await self._ledger.happened(claimed, Accepted(remote_ids=remote_ids, ask_at=ask_at))

    async def _claim(self, fax: Fax, submission: Submission) -> Fax | None:
        """Put the attempt on record and set aside what it will cost; None when it is not ours, or has to wait."""
        spend = self._purse.spend(fax, submission)
        try:
            return await self._ledger.happened(fax, Claimed(look_at=self._schedule.look_at(self._now())), spend)
        except CapReachedError as error:
            self._gate.close(self._now(), fax.number)
            await self._purse.held(error)
            await self._put_off(fax, str(error))
            return None

    async def _still_ours(self, claimed: Fax) -> bool:
        """Whether nobody can have gone on with it: the last look before the POST, for a process that was asleep.

        What is left open is the time from here until the octets leave. `Wire.answer` sets the deadline of the whole
        call at once, so that a sleep in there ends it, but for the moment between its last await and the socket.
        """
        present = await self._store.fax(claimed.id)
        unchanged = present is not None and present.version == claimed.version
        return unchanged and self._schedule.may_post(claimed, self._now())

    async def _not_taken(self, fax: Fax, error: FaxPlusError) -> None:
        """FAX.PLUS surely did not take it: later again, or never."""
        if error.operator:
            self._gate.close(self._now(), fax.number)
            await self._ledger.tell_operator(*_wanted(error))
        elif error.verdict is not Verdict.PERMANENT:
            self._gate.trouble(self._now())
        if error.verdict is Verdict.PERMANENT:
            self._gate.open(fax.number)
            await self._ledger.happened(fax, Refused(reason=error.words))
        else:
            retry_at = self._schedule.retry_at(fax, self._now(), retry_after=error.retry_after or 0.0)
            await self._put_off(fax, error.words, at=retry_at)

    async def _put_off(self, fax: Fax, reason: str, at: float | None = None) -> None:
        retry_at = self._schedule.retry_at(fax, self._now()) if at is None else at
        await self._ledger.happened(fax, Deferred(reason=reason, retry_at=retry_at))

    async def _upload_again_at(self, fax: Fax, error: FaxPlusError, started: float) -> float | None:
        """When to try with new uploads, where FAX.PLUS may have refused because it has the used ones no more.

        Those from before this try may well have expired. One of now is gone only if FAX.PLUS says so, and its word is
        taken once: said again, it means that it does not want the document.
        """
        if error.status not in UPLOADS_UNKNOWN:
            return None
        if await self._uploads.forget(fax.submission_id, before=started):
            return self._now()
        if not error.about_an_upload or UPLOADING_AGAIN in fax.reason:
            return None
        await self._uploads.forget(fax.submission_id, before=math.inf)
        return self._schedule.retry_at(fax, self._now())


def _cover(fax: Fax, submission: Submission) -> Cover | None:
    if not submission.cover:
        return None
    subject = submission.subject or "Fax"
    return Cover(name_to=fax.number, name_from=submission.sender, subject=subject, message=submission.cover)


def _one_a_number(faxes: list[Fax]) -> list[Fax]:
    """The first of those that go to the same number; the others have their turn when it has ended."""
    return list({fax.number: fax for fax in reversed(faxes)}.values())[::-1]


def _wanted(error: FaxPlusError) -> tuple[str, str, str]:
    """What the operator is told when FAX.PLUS wants them: matter, subject, text."""
    text = f"""Requests to FAX.PLUS fail: {error.words}.

No fax is lost or called failed for this. They wait, sending is tried again all the time, and it goes on by itself
as soon as the cause is mended. `fax-gateway check --live` tells what is wrong.
"""
    return f"faxplus-{error.status or 'unasked'}", "Faxes are waiting: FAX.PLUS does not let us in", text
