"""Learns from FAX.PLUS what became of faxes: looks for those whose answer was lost, asks about those it has.

One look (outbox, then sent faxes) serves all faxes that are due, whoever hurried them.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

import structlog

from gateway.event import (
    Accepted,
    AnyEvent,
    Busy,
    Delivered,
    GivenUp,
    NotSeen,
    NotThere,
    StillSending,
    Undelivered,
    Unpaid,
)
from gateway.fax import Fax, State
from gateway.faxplus import FaxPlus, FaxPlusError, Hint, Record
from gateway.outcome import Ending, meaning
from gateway.schedule import Schedule
from gateway.store import Store
from gateway.worker import match
from gateway.worker.gate import Gate
from gateway.worker.ledger import Ledger
from gateway.worker.patience import Patience
from gateway.worker.strangers import Strangers

log = structlog.get_logger()

MARGIN = 300.0
"""Seconds before the oldest claim from which sent faxes are listed; clocks differ."""
IN_DOUBT = 86_400.0
"""The same for a lost answer from before our clock was seen to be steady: what is not listed counts as not there."""
LISTED = 3600.0
"""Seconds after its claim for which a fax is expected in the listing; later it is asked for by its ids."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at FAX.PLUS showed."""

    records: tuple[Record, ...]
    complete: bool  #: both lists were read to the end, so that absence means something
    ahead: float  #: seconds by which FAX.PLUS's clock is ahead of ours


class Asker:
    """Asks and looks for what is due."""

    def __init__(
        self,
        *,
        store: Store,
        faxplus: FaxPlus,
        ledger: Ledger,
        schedule: Schedule,
        gate: Gate,
        patience: Patience,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._faxplus = faxplus
        self._ledger = ledger
        self._schedule = schedule
        self._gate = gate
        self._patience = patience
        self._now = now
        self._strangers = Strangers(store=store, faxplus=faxplus, ledger=ledger, now=now)

    async def hurry(self, hint: Hint) -> None:
        """A webhook named a fax: look at it now. What else the webhook says is not believed."""
        if not await self._store.hurry(hint.ids, self._now()):
            self._strangers.park(hint.ids)

    async def ask_due(self) -> None:
        """Look for every lost answer and ask about every fax whose time has come."""
        await self._strangers.meet()
        now = self._now()
        under_way = {State.SUBMITTING, State.SUBMITTED}
        faxes = await self._store.due(under_way, now, astray_after=self._schedule.astray_after(now))
        if not faxes:
            return
        sight = await self._look(faxes)
        for fax in faxes:
            try:
                await self._ledger.happened(fax, await self._learn(fax, sight))
            except Exception:
                log.exception("fax.stumbled", fax=fax.id)
                await self._ledger.happened(fax, self._later(fax))

    async def _learn(self, fax: Fax, sight: Sight | None) -> AnyEvent:
        if sight is None:  # FAX.PLUS cannot be asked: then not for each fax by itself either
            return self._later(fax)
        return await (self._look_for if fax.state is State.SUBMITTING else self._ask_about)(fax, sight)

    async def _look(self, faxes: Sequence[Fax]) -> Sight | None:
        """See the outbox first, the sent faxes second: what moves between the two is seen in one at least."""
        try:
            outbox = await self._faxplus.outbox()
            sent = await self._faxplus.sent(after=self._oldest(faxes))
        except FaxPlusError as error:
            log.warning("faxplus.unseen", reason=error.words, status=error.status)
            return None
        records = (*outbox.records, *sent.records)
        return Sight(records, complete=outbox.complete and sent.complete, ahead=self._faxplus.ahead)

    def _oldest(self, faxes: Sequence[Fax]) -> float:
        """From when on sent faxes are listed, by FAX.PLUS's clock; rather too early than too late."""
        now = self._now()
        in_doubt = [self._claimed_surely_after(fax) for fax in faxes if fax.state is State.SUBMITTING]
        listed = [fax.claimed_at or now for fax in faxes if fax.state is State.SUBMITTED and _listed(fax, now)]
        return min([now, *in_doubt, *listed]) - MARGIN + min(0.0, self._faxplus.ahead)

    def _claimed_surely_after(self, fax: Fax) -> float:
        """By the clock of now; only one that we have watched ever since its claim can be taken at its word."""
        claimed_at = min(fax.claimed_at or self._now(), self._now())
        return claimed_at if self._patience.vouches(fax.token) else claimed_at - IN_DOUBT

    async def _look_for(self, fax: Fax, sight: Sight) -> AnyEvent:
        """The answer to its POST was lost: is it there?"""
        now = self._now()
        if fax.claimed_at is not None and fax.claimed_at > now:
            reason = "the clock was set back since it was submitted"
            return NotSeen(reason=reason, look_at=self._schedule.look_at(now), counts=False, claimed_at=now)
        if found := match.known(fax, sight.records):
            return Accepted(reason="found at FAX.PLUS", remote_ids=_ids(found), ask_at=self._now())
        likely = await self._strange(match.likely(fax, sight.records, sight.ahead))
        if await self._unmistakable(fax, likely):
            reason = "found at FAX.PLUS by number and time"
            return Accepted(reason=reason, remote_ids=_ids(likely), ask_at=self._now())
        return self._unseen(fax, counts=await self._absent(fax, sight))

    async def _absent(self, fax: Fax, sight: Sight) -> bool:
        """Whether this look is evidence that the fax is not there."""
        if not sight.complete or not self._patience.steady_for(self._schedule.quarantine):
            return False
        return match.comments_are_kept(sight.records) or not await self._strange(match.possible(fax, sight.records))

    async def _strange(self, records: Sequence[Record]) -> list[Record]:
        """Those records that are known for no fax of ours."""
        free = await self._store.strangers([record.id for record in records]) if records else set()
        return [record for record in records if record.id in free]

    def _unseen(self, fax: Fax, *, counts: bool) -> AnyEvent:
        now = self._now()
        if counts and self._schedule.looked_enough(fax):
            return NotThere(reason="it never reached FAX.PLUS", retry_at=now)
        if self._over(fax):
            return GivenUp(reason="FAX.PLUS never said whether it has it")
        reason = "not seen at FAX.PLUS" if counts else "FAX.PLUS could not be searched"
        return NotSeen(reason=reason, look_at=self._schedule.look_again_at(now), counts=counts)

    async def _ask_about(self, fax: Fax, sight: Sight) -> AnyEvent:
        """FAX.PLUS has it: how far is it?"""
        records = match.known(fax, sight.records) or await self._by_ids(fax) or await self._by_time(fax, sight)
        ended = [record for record in records if _ended(record)]
        if ended:
            return await self._concluded(fax, next((one for one in ended if one.status == "success"), ended[-1]))
        if self._over(fax):
            return GivenUp(reason="FAX.PLUS never said how it ended")
        if not records:
            return self._later(fax)
        ask_at = self._schedule.ask_at(fax, self._now())
        return StillSending(status=records[-1].status, remote_ids=_ids(records), ask_at=ask_at)

    async def _by_ids(self, fax: Fax) -> list[Record]:
        try:
            found = [await self._faxplus.fax(remote_id) for remote_id in fax.remote_ids]
            found += [await self._faxplus.outbox_fax(remote_id) for remote_id in fax.remote_ids if not any(found)]
        except FaxPlusError as error:
            log.warning("faxplus.unseen", fax=fax.id, reason=error.words, status=error.status)
            return []
        return [record for record in found if record is not None and match.ours(fax, record)]

    async def _by_time(self, fax: Fax, sight: Sight) -> list[Record]:
        """The account shows sent faxes under other ids and without our comment: go by number and time, never guess."""
        likely = await self._strange(match.likely(fax, sight.records, sight.ahead))
        return likely if await self._unmistakable(fax, likely) else []

    async def _unmistakable(self, fax: Fax, likely: Sequence[Record]) -> bool:
        """Exactly one record, from the time of our claim, and no other fax of ours that it could belong to.

        If somebody may have set the clock since, it could be any that is open, whenever that seems to be claimed.
        """
        if len(likely) != 1 or likely[0].submitted_at is None:
            return False
        near = match.BEFORE + match.AFTER
        since = self._now() - (fax.claimed_at or 0.0)
        comparable = since >= 0 and self._patience.steady_for(since + near)
        return not await self._store.rivals(fax, near if comparable else math.inf)

    async def _concluded(self, fax: Fax, record: Record) -> AnyEvent:
        """FAX.PLUS's final word on this dialling, as an event."""
        now, means = self._now(), meaning(record.status)
        redial_at = self._schedule.redial_at(fax, now)
        match means.ending:
            case Ending.DELIVERED:
                return Delivered(reason=means.words, **_measured(record))
            case Ending.CREDIT:
                return await self._unpaid(fax, record)
            case Ending.REDIAL if redial_at is not None:
                return Busy(reason=means.words, remote_ids=(record.id,), status=record.status, redial_at=redial_at)
            case _:
                return Undelivered(reason=means.words, status=record.status, **_measured(record))

    async def _unpaid(self, fax: Fax, record: Record) -> AnyEvent:
        self._gate.close(self._now(), fax.number)
        text = "FAX.PLUS has no credit left on the account. Faxes wait and go out when there is credit again.\n"
        await self._ledger.tell_operator("faxplus-credit", "Faxes are waiting: no credit at FAX.PLUS", text)
        retry_at = self._schedule.retry_at(fax, self._now())
        words = meaning(record.status).words
        return Unpaid(reason=words, remote_ids=(record.id,), status=record.status, retry_at=retry_at)

    def _over(self, fax: Fax) -> bool:
        return self._schedule.over(fax, self._now()) and self._patience.may_end()

    def _later(self, fax: Fax) -> AnyEvent:
        """Nothing was learnt."""
        now = self._now()
        if self._over(fax):
            never = "whether it has it" if fax.state is State.SUBMITTING else "how it ended"
            return GivenUp(reason=f"FAX.PLUS never said {never}")
        if fax.state is State.SUBMITTING:
            return NotSeen(look_at=self._schedule.look_again_at(now), counts=False)
        return StillSending(status=fax.status, ask_at=self._schedule.ask_at(fax, now))


def _listed(fax: Fax, now: float) -> bool:
    return fax.claimed_at is not None and now - fax.claimed_at < LISTED


class _Measured(TypedDict):
    remote_ids: tuple[str, ...]
    pages: int | None
    duration: float | None
    cost: float | None


def _measured(record: Record) -> _Measured:
    return {"remote_ids": (record.id,), "pages": record.pages, "duration": record.duration, "cost": record.cost}


def _ids(records: Iterable[Record]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(record.id for record in records))


def _ended(record: Record) -> bool:
    """Only the list of sent faxes knows an end; the outbox has no such state (reference: Outbox status)."""
    return record.place == "sent" and meaning(record.status).ending is not Ending.PENDING
