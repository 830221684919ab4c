"""The telephone side: converts, dials, hangs up and dials again. Every fax ever accepted stays on record."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial

from gateway.simulator import behaviour
from gateway.simulator.job import CONVERTING, SCHEDULED, SENDING, SUBMITTED, Attempt, Job
from gateway.simulator.refusal import RefusedError
from gateway.simulator.settings import SimulatorSettings
from gateway.simulator.timeline import Timeline

Announce = Callable[[Job, Attempt, float], None]
CONVERTING_FROM = 0.2
"""The share of the time to convert for which a fax is only submitted."""


class Exchange:
    """All faxes, moved on by `advance`."""

    def __init__(
        self,
        settings: Callable[[], SimulatorSettings],
        chance: random.Random,
        new_id: Callable[[], str],
        tell: Announce,
    ) -> None:
        self._settings = settings
        self._chance = chance
        self._new_id = new_id
        self._tell = tell
        self._timeline = Timeline()
        self._dialled: Counter[str] = Counter()
        self.jobs: list[Job] = []
        self.by_id: dict[str, Job] = {}  #: by the id of the session and those of its attempts
        self.spent = 0.0

    def advance(self, now: float) -> None:
        """Let everything happen that was to happen by now."""
        self._timeline.run(now)

    def accept(self, job: Job) -> None:
        """Take a fax on: from now on it goes its way."""
        convert = self._settings().seconds_to_convert / self._settings().speed
        ready_at = job.created_at + convert
        self.jobs.append(job)
        self.by_id[job.id] = job
        job.changes.append((job.created_at, SUBMITTED))
        self._timeline.plan(job.created_at + CONVERTING_FROM * convert, partial(self._becomes, job, CONVERTING))
        self._timeline.plan(ready_at, partial(self._becomes, job, SCHEDULED))
        self._timeline.plan(max(ready_at, job.order.send_at), partial(self._dial, job))

    def cancel(self, job: Job, now: float) -> None:
        """Take a fax back.

        Raises:
            RefusedError: it is being sent at this moment.
        """
        refuse_sending(job)
        job.cancelled = True
        job.ended_at = job.left_at = now

    def _becomes(self, job: Job, status: str, at: float) -> None:
        if not job.over:
            job.changes.append((at, status))

    def _dial(self, job: Job, at: float) -> None:
        if job.over:
            return
        self._becomes(job, SENDING, at)
        attempt = self._attempt(job, at)
        job.attempts.append(attempt)
        self.by_id[attempt.fax_id] = job
        if attempt.ending.ends:
            hangs_up_at = at + attempt.duration / self._settings().speed
            self._timeline.plan(hangs_up_at, partial(self._hang_up, job, attempt))
        elif attempt.status == behaviour.IN_PROGRESS:
            job.left_at = at
            self._archive(job, attempt, at)

    def _attempt(self, job: Job, at: float) -> Attempt:
        ending = self._ending(job)
        pages = int(job.pages * ending.share)
        same_id = self._settings().ids == "equal" and not job.attempts
        return Attempt(
            fax_id=job.id if same_id else self._new_id(),
            number=len(job.attempts) + 1,
            ending=ending,
            pages=pages,
            duration=ending.seconds + pages * self._settings().seconds_per_page,
            started_at=at,
            file=f"{self._chance.getrandbits(128):032x}.tiff",
        )

    def _ending(self, job: Job) -> behaviour.Ending:
        """Without credit nothing is dialled; otherwise the number decides."""
        if self._settings().balance - self.spent < job.pages:
            return behaviour.UNPAID
        self._dialled[job.to] += 1
        return behaviour.ending(job.to, self._dialled[job.to])

    def _hang_up(self, job: Job, attempt: Attempt, at: float) -> None:
        self.spent += attempt.pages
        attempt.ended_at = at
        self._archive(job, attempt, at + self._chance.uniform(*self._settings().archive_lag))
        if attempt.ending.redialled and attempt.number <= job.retry.count:
            self._becomes(job, SCHEDULED, at)
            self._timeline.plan(at + job.retry.delay / self._settings().speed, partial(self._dial, job))
        else:
            job.ended_at = job.left_at = at
        self._tell(job, attempt, at)

    def _archive(self, job: Job, attempt: Attempt, at: float) -> None:
        attempt.visible_at = max(at, job.visible_at)
        attempt.comment = job.comment if self._settings().comment_kept else ""


def refuse_sending(job: Job) -> None:
    """Refuse to change a fax that is being sent.

    Raises:
        RefusedError: it is being sent.
    """
    if job.outbox_status == SENDING:
        raise RefusedError("conflict", "The fax is being sent")
