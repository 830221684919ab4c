"""What the operator may do to a fax: take it back, or send it once more. Errors say why not, in words."""

from collections.abc import Callable

from gateway.event import Cancelled, Resent
from gateway.fax import FINAL, Fax, State
from gateway.faxplus import FaxPlus, FaxPlusError, Verdict
from gateway.outcome import Ending, meaning
from gateway.spool import Spool
from gateway.store import Store
from gateway.worker.ledger import Ledger

TRIES = 2
"""Times that FAX.PLUS is asked to give a fax back when its answer is lost. Asking twice takes back no more than one."""


class RefusedHereError(Exception):
    """It cannot be done; the message says why and what to do."""


class Desk:
    """The operator's commands on faxes."""

    def __init__(
        self, *, store: Store, spool: Spool, ledger: Ledger, faxplus: FaxPlus, now: Callable[[], float]
    ) -> None:
        self._store = store
        self._spool = spool
        self._ledger = ledger
        self._faxplus = faxplus
        self._now = now

    async def cancel(self, id: str) -> Fax:
        """Take a fax back before it is sent.

        Raises:
            RefusedHereError: it has ended, is being submitted, or FAX.PLUS does not agree.
            gateway.faxplus.FaxPlusError: FAX.PLUS could not be asked.
        """
        fax = await self._fax(id)
        if fax.final:
            raise RefusedHereError(f"fax {id} has ended already: {fax.state}")
        if fax.state is State.SUBMITTING:
            raise RefusedHereError(f"fax {id} is just being submitted; try again in a few minutes")
        if fax.state is State.SUBMITTED and not await self._withdrawn(fax):
            raise RefusedHereError(f"FAX.PLUS does not give fax {id} back: it is being sent, or has been")
        return await self._written(fax, Cancelled(reason="cancelled by the operator"))

    async def resend(self, id: str, *, may_arrive_twice: bool = False) -> Fax:
        """Send a fax that failed or was cancelled once more.

        Raises:
            RefusedHereError: it has not ended, was delivered, may arrive twice, or its documents are gone.
        """
        fax = await self._fax(id)
        if fax.state not in FINAL:
            raise RefusedHereError(f"fax {id} has not ended: {fax.state}")
        if fax.state is State.DELIVERED:
            raise RefusedHereError(f"fax {id} was delivered; send a new mail to fax it again")
        if meaning(fax.status).ending is Ending.PARTIAL and not may_arrive_twice:
            raise RefusedHereError(
                f"fax {id} may have arrived, wholly or in part; ask the recipient, then use --may-arrive-twice"
            )
        if not await self._spool.holds(fax.submission_id):
            raise RefusedHereError(f"the documents of fax {id} are no longer kept; ask the sender for a new mail")
        return await self._written(fax, Resent(reason="resent by the operator", retry_at=self._now()))

    async def _fax(self, id: str) -> Fax:
        fax = await self._store.fax(id)
        if fax is None:
            raise RefusedHereError(f"there is no fax {id}; `fax-gateway list` shows which there are")
        return fax

    async def _withdrawn(self, fax: Fax) -> bool:
        lost = ""
        for remote_id in fax.remote_ids:  # one of them is the outbox's; once it said yes, nothing more is asked
            for _ in range(TRIES):
                try:
                    if await self._faxplus.cancel(remote_id):
                        return True
                    break
                except FaxPlusError as error:
                    if error.verdict is not Verdict.UNCERTAIN:
                        raise
                    lost = error.words
        if lost:
            raise RefusedHereError(_perhaps(fax, lost))
        return False

    async def _written(self, fax: Fax, event: Cancelled | Resent) -> Fax:
        """Write the event; when the daemon was faster, over what it wrote, as long as that is still possible."""
        while (after := await self._ledger.happened(fax, event)) is None:
            fresh = await self._fax(fax.id)
            if (fresh.state, fresh.token) != (fax.state, fax.token):
                raise RefusedHereError(f"fax {fax.id} has changed meanwhile and is {fresh.state} now")
            fax = fresh
        return after


def _perhaps(fax: Fax, lost: str) -> str:
    return (
        f"nobody knows whether FAX.PLUS gave fax {fax.id} back: {lost}. The gateway goes on asking about it; "
        "look at the outbox on FAX.PLUS's own pages, or try again"
    )
