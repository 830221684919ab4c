"""One FAX.PLUS account, without HTTP: what can be asked of it, and what has become of everything so far.

Nothing runs in the background. Each call first lets everything happen that was to happen by `now()`, in the
order of its time, so that tests move the clock by hand and the same seed always makes the same history.
"""

import math
import random
from collections.abc import Callable, Iterable, Iterator

from gateway.simulator import pages, shapes
from gateway.simulator.exchange import Exchange, refuse_sending
from gateway.simulator.files import Files, refuse_size
from gateway.simulator.job import Attempt, Job, Upload
from gateway.simulator.orders import NO_NUMBER, FaxChange, FaxQuery, HookOrder, Order, OutboxChange, Retry, epoch
from gateway.simulator.refusal import RefusedError
from gateway.simulator.settings import SimulatorSettings
from gateway.simulator.webhooks import Call, Hook, Webhooks

MOST_DESTINATIONS = 4000
Record = tuple[Job, Attempt]

SORT_KEYS: dict[str, Callable[[Record], tuple[float | str, ...]]] = {
    "date": lambda record: (record[1].started_at,),
    "from": lambda record: (record[0].src, record[1].started_at),
    "to": lambda record: (record[0].to, record[1].started_at),
    "comment": lambda record: (record[1].comment, record[1].started_at),
    "pages": lambda record: (record[1].pages, record[1].started_at),
}


class Account:
    """The account. `settings` may be replaced at any time; what was drawn already stays."""

    def __init__(self, settings: SimulatorSettings, now: Callable[[], float], chance: random.Random) -> None:
        self.settings = settings
        self.now = now
        self._chance = chance
        self._webhooks = Webhooks(lambda: self.settings, chance)
        self._files = Files()
        self._exchange = Exchange(lambda: self.settings, chance, self._new_id, self._webhooks.announce)

    @property
    def jobs(self) -> list[Job]:
        """Every fax that was ever accepted, in order; as of the last call."""
        return self._exchange.jobs

    @property
    def uploads(self) -> dict[str, Upload]:
        """Every file that was ever uploaded, by its path."""
        return self._files.uploads

    def advance(self) -> float:
        """Let everything happen that was to happen by now; the time."""
        now = self.now()
        self._exchange.advance(now)
        return now

    def _new_id(self) -> str:
        return f"{self._chance.getrandbits(96):024x}"

    def upload(self, name: str, media_type: str, content: bytes) -> str:
        """Store a file; its path.

        Raises:
            RefusedError: FAX.PLUS does not take such files, or it is too big.
        """
        refuse_size(len(content), self.settings)
        token = f"{self._chance.getrandbits(128):032x}"
        now, loss = self.advance(), self.settings.upload_loss
        expired_already = loss > 0 and self._chance.random() < loss
        return self._files.add(token, name, media_type, content, -math.inf if expired_already else now).path

    def send(self, order: Order) -> dict[str, str]:
        """Take faxes on, one for each destination; their ids by destination.

        Raises:
            RefusedError: too many destinations or files, a number that is not ours, files that are not there.
        """
        now = self.advance()
        if len(order.to) > MOST_DESTINATIONS:
            raise RefusedError("too_many_destinations", f"At most {MOST_DESTINATIONS} destinations per request")
        self._refuse_strangers(order)
        documents = self._files.named(order.files, now, self.settings) + self._reused(order)
        if not documents:
            raise RefusedError("validation_error", "files: nothing to send")
        return {to: self._accept(order, to, documents, now).id for to in order.to}

    def _refuse_strangers(self, order: Order) -> None:
        ours = set(self.settings.numbers) or {NO_NUMBER}
        if strangers := set(order.sources) - ours:
            raise RefusedError("invalid_from", f"from: {', '.join(sorted(strangers))} is not a number of this account")

    def _reused(self, order: Order) -> tuple[Upload, ...]:
        return self._found(order.from_fax.fax_id)[0].documents if order.from_fax else ()

    def _accept(self, order: Order, to: str, documents: tuple[Upload, ...], now: float) -> Job:
        settings = self.settings
        job = Job(
            id=self._new_id(),
            src=self._chance.choice(order.sources),
            to=to,
            order=order,
            retry=order.options.retry or Retry(count=settings.default_retry_count, delay=settings.default_retry_delay),
            documents=documents,
            pages=sum(document.pages for document in documents) + (order.cover_page is not None),
            created_at=now,
            visible_at=now + self._chance.uniform(*settings.visibility_lag),
            comment=order.comment.text,
        )
        self._exchange.accept(job)
        return job

    def outbox(self) -> list[Job]:
        """All faxes that are not sent yet, as far as they can be seen."""
        now = self.advance()
        return [job for job in self.jobs if job.in_outbox(now)]

    def outbox_fax(self, outbox_id: str) -> Job:
        """One fax that is not sent yet.

        Raises:
            RefusedError: unknown, not visible yet, or no longer there.
        """
        now = self.advance()
        job = self._exchange.by_id.get(outbox_id)
        if job is None or outbox_id != job.id or not job.in_outbox(now):
            raise RefusedError("not_found", "No such fax in the outbox")
        return job

    def change_outbox_fax(self, outbox_id: str, change: OutboxChange) -> None:
        """Change the text of the comment.

        Raises:
            RefusedError: not in the outbox, or being sent.
        """
        job = self.outbox_fax(outbox_id)
        refuse_sending(job)
        job.comment = job.comment if change.comment is None else change.comment

    def cancel(self, outbox_id: str) -> None:
        """Take a fax back.

        Raises:
            RefusedError: not in the outbox, or being sent.
        """
        self._exchange.cancel(self.outbox_fax(outbox_id), self.now())

    def faxes(self, query: FaxQuery) -> list[Record]:
        """One page of the archive."""
        now = self.advance()
        records = () if query.category in {"inbox", "spam"} else self._archive(self.jobs, now)
        after = float("-inf") if query.after is None else epoch(query.after)
        before = float("inf") if query.before is None else epoch(query.before) + 1
        chosen = [record for record in records if after <= record[1].started_at < before]
        chosen.sort(key=SORT_KEYS[query.sort_by], reverse=query.order == "desc")
        return chosen[query.offset : query.offset + query.limit]

    def _archive(self, jobs: Iterable[Job], now: float) -> Iterator[Record]:
        if self.settings.save_history:
            yield from ((job, one) for job in jobs for one in job.attempts if one.visible(now))

    def fax(self, fax_id: str) -> Record:
        """One fax of the archive. The id of a session finds its last attempt, unless the settings say that ids differ.

        Raises:
            RefusedError: unknown, not visible yet, or deleted.
        """
        job, attempt = self._found(fax_id)
        if self.settings.ids == "differ" and fax_id == job.id:
            raise RefusedError("not_found", "No such fax")
        return job, attempt

    def _found(self, any_id: str) -> Record:
        """Find a fax of the archive by its own id, or the last attempt of a session by the session's."""
        now = self.advance()
        job = self._exchange.by_id.get(any_id)
        records = list(self._archive([job] if job else (), now))
        found = [record for record in records if any_id in {record[0].id, record[1].fax_id}]
        if not found:
            raise RefusedError("not_found", "No such fax")
        return found[-1]

    def change_fax(self, fax_id: str, change: FaxChange) -> None:
        """Change comment and read mark.

        Raises:
            RefusedError: there is no such fax.
        """
        _, attempt = self.fax(fax_id)
        attempt.comment, attempt.is_read = change.comment, change.is_read

    def delete_fax(self, fax_id: str) -> None:
        """Remove a fax from the archive.

        Raises:
            RefusedError: there is no such fax.
        """
        self.fax(fax_id)[1].deleted = True

    def document(self, any_id: str) -> tuple[bytes, str]:
        """The document of a fax and its media type: the first upload, or a page that tells its name.

        Raises:
            RefusedError: there is no such fax.
        """
        first = self._found(any_id)[0].documents[0]
        if first.media_type in {"application/pdf", "image/tiff"}:
            return first.content, first.media_type
        return pages.printed([f"Simulated rendering of {first.name}"]), "application/pdf"

    def report(self, any_id: str) -> bytes:
        """The confirmation report of a fax, as PDF.

        Raises:
            RefusedError: there is no such fax.
        """
        job, attempt = self._found(any_id)
        shown = shapes.fax(job, attempt, self.settings)
        return pages.printed(
            ["Fax transmission report (simulated)", *(f"{key}: {shown[key]}" for key in sorted(shown))]
        )

    def balance(self) -> float:
        """The credit that is left."""
        self.advance()
        return self.settings.balance - self._exchange.spent

    def add_hook(self, order: HookOrder) -> str:
        """Register a webhook; its id."""
        hook_id = self._new_id()
        self._webhooks.add(hook_id, order)
        return hook_id

    def hooks(self, event: str) -> list[Hook]:
        """The webhooks registered for an event."""
        return self._webhooks.registered(event)

    def remove_hook(self, hook_id: str) -> None:
        """Take a webhook back.

        Raises:
            RefusedError: there is no such webhook.
        """
        self._webhooks.remove(hook_id)

    def calls_due(self, now: float) -> list[Call]:
        """Take the webhook calls that are due by then; each is given out once."""
        self._exchange.advance(now)
        return self._webhooks.due(now)
