"""The worker's rooms for tests: a real store on SQLite, a real spool, a simulated FAX.PLUS, a clock moved by hand."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from gateway.config import Config
from gateway.event import Accepted, AnyEvent, Claimed
from gateway.fax import Fax
from gateway.faxplus import FaxPlus
from gateway.schedule import Schedule
from gateway.simulator import Account, app
from gateway.spool import Spool
from gateway.store import Store, Writer
from gateway.store.engine import _sqlite
from gateway.store.tables import METADATA
from gateway.submission import Kind
from gateway.worker.ask import Asker
from gateway.worker.gate import Gate
from gateway.worker.hand import Hand
from gateway.worker.ledger import Ledger
from gateway.worker.patience import Patience
from gateway.worker.purse import Purse
from gateway.worker.submit import Submitter
from gateway.worker.uploads import Uploads
from tests.scripted import OURS, FixedToken
from tests.simulated import PDF, Clock, an_account, sent
from tests.values import a_document, a_fax, a_submission

OPERATOR = "operator@example.org"


def a_config(place: Path, **sections: Any) -> Config:
    """A configuration whose waits are the ordinary ones; each test names what it is about."""
    usual = {
        "operator": OPERATOR,
        "state": str(place),
        "faxplus": {"token_file": "unused", "from": OURS, "base_url": "https://restapi.fax.plus/v3"},
        "listener": [{"name": "none"}],
    }
    return Config.model_validate(usual | sections)


Answer: TypeAlias = httpx.Response | None
"""What a test answers; None: let the simulator do it."""
Meddle: TypeAlias = Callable[[httpx.Request], Awaitable[Answer]]


async def not_meddling(_request: httpx.Request) -> Answer:
    """Let the simulator do everything."""
    return None


class Way(httpx.AsyncBaseTransport):
    """The way to the simulator: remembers every call; a test may answer in its place or do something meanwhile."""

    def __init__(self, account: Account, time: Callable[[], float]) -> None:
        self._simulator = httpx.ASGITransport(app(account))
        self._time = time
        self.meddle: Meddle = not_meddling
        self.calls: list[str] = []
        self.most = 0  #: calls that were under way at the same time
        self._under_way = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request there and its answer back."""
        await request.aread()
        self.calls.append(called(request))
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        await asyncio.sleep(0)
        try:
            answer = await self.meddle(request)
            if answer is None:
                answer = await self._simulator.handle_async_request(request)
                answer.headers["Date"] = formatdate(self._time(), usegmt=True)
            return answer
        finally:
            self._under_way -= 1


def called(request: httpx.Request) -> str:
    """A call in short: `POST outbox`."""
    return f"{request.method} {request.url.path.rpartition('/self/')[2]}"


def answering(call: str, *answers: int | Exception | dict[str, Any]) -> Meddle:
    """Answer such calls, one after the other, with a status, an exception or JSON; then let the simulator do it."""
    left = list(answers)

    async def meddle(request: httpx.Request) -> Answer:
        if called(request) != call or not left:
            return None
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer) if isinstance(answer, int) else httpx.Response(200, json=answer)

    return meddle


@dataclass
class Workshop:
    """What the worker works with."""

    config: Config
    clock: Clock
    account: Account
    way: Way
    faxplus: FaxPlus
    store: Store
    spool: Spool
    kicks: int = 0
    on_kick: Callable[[], None] = lambda: None  #: done whenever something was written
    schedule: Schedule = field(init=False)
    gate: Gate = field(init=False)
    patience: Patience = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        """Furnish it."""
        self.schedule = Schedule(self.config.schedule, self.config.redial.after)
        self.gate = Gate(self.config.schedule.pause)
        self.patience = Patience(self.config.schedule.give_up, now=self.clock, monotonic=self.clock.elsewhere)
        self.ledger = Ledger(
            store=self.store,
            operator=self.config.operator,
            kick=self._kicked,
            now=self.clock,
            confirmations=self.config.confirmations,
        )

    def _kicked(self) -> None:
        self.kicks += 1
        self.on_kick()

    def submitter(self, at_once: int = 4) -> Submitter:
        """Somebody who submits."""
        return Submitter(
            store=self.store,
            uploads=Uploads(store=self.store, spool=self.spool, faxplus=self.faxplus, now=self.clock),
            faxplus=self.faxplus,
            ledger=self.ledger,
            schedule=self.schedule,
            gate=self.gate,
            patience=self.patience,
            now=self.clock,
            hand=Hand(self.config.state / "in-hand"),
            purse=Purse(self.config, store=self.store, ledger=self.ledger, now=self.clock),
            at_once=at_once,
        )

    def asker(self) -> Asker:
        """Somebody who asks."""
        return Asker(
            store=self.store,
            faxplus=self.faxplus,
            ledger=self.ledger,
            schedule=self.schedule,
            gate=self.gate,
            patience=self.patience,
            now=self.clock,
        )

    async def accept(
        self,
        *ids: str,
        submission_id: str = "mail1",
        numbers: Sequence[str] = (),
        from_number: str = "",
        cover: str = "",
        **changed: Any,
    ) -> None:
        """Take on a mail with one document, for faxes of these ids, to these numbers; by default all to the same."""
        self.spool.path(submission_id).write_bytes(PDF)
        document = a_document(
            kind=Kind.PDF,
            offset=0,
            length=len(PDF),
            size=len(PDF),
            encoding="identity",
            sha256=hashlib.sha256(PDF).hexdigest(),
        )
        submission = a_submission(
            id=submission_id, documents=(document,), left_out=(), from_number=from_number, cover=cover
        )
        faxes = [a_fax(**{"id": id, "submission_id": submission_id} | changed) for id in ids or ("fax1",)]
        apart = [replace(fax, number=number) for fax, number in zip(faxes, numbers, strict=False)]
        await self.store.accept(submission, apart or faxes)

    async def fax(self, id: str = "fax1") -> Fax:
        """A fax as it is now."""
        fax = await self.store.fax(id)
        assert fax is not None
        return fax

    async def live(self, *events: AnyEvent, id: str = "fax1") -> Fax:
        """Let events happen to a fax."""
        for event in events:
            assert await self.ledger.happened(await self.fax(id), event) is not None
        return await self.fax(id)

    async def claimed(self, id: str = "fax1") -> Fax:
        """A fax of which nobody knows whether FAX.PLUS has it; looked for as soon as the quarantine is over."""
        return await self.live(Claimed(look_at=self.schedule.look_at(self.clock())), id=id)

    async def submitted(self, *remote_ids: str, id: str = "fax1") -> Fax:
        """A fax that FAX.PLUS has; asked about now."""
        await self.claimed(id)
        return await self.live(Accepted(remote_ids=remote_ids, ask_at=self.clock()), id=id)

    def pass_by(self, seconds: float) -> None:
        """Move the clock."""
        self.clock.at += seconds

    async def events(self, id: str = "fax1") -> list[str]:
        """What happened to a fax, in order."""
        return [change.event for change in await self.store.history(id)]

    async def told_operator(self) -> list[str]:
        """The subjects of all mails owed to the operator."""
        notices = await self.store.due_notices(self.clock())
        return [notice.subject for notice in notices if notice.recipient == OPERATOR]


@asynccontextmanager
async def workshop(place: Path, sections: Mapping[str, Any] | None = None, **settings: Any) -> AsyncIterator[Workshop]:
    """Open a workshop in a directory, with these sections of the configuration and this simulator."""
    account, clock = an_account(**settings)
    config, way = a_config(place, **(sections or {})), Way(account, clock.elsewhere)
    engine = _sqlite(place / "fax-gateway.sqlite3")
    METADATA.create_all(engine)  # at once what the migrations make step by step; test_store_engine compares
    writer = Writer(engine)
    try:
        async with httpx.AsyncClient(transport=way) as http:
            faxplus = FaxPlus(config.faxplus, http, FixedToken(), now=clock)
            yield Workshop(config, clock, account, way, faxplus, Store(writer), Spool(place / "spool"))
    finally:
        writer.close()


def at_faxplus(shop: Workshop, fax: Fax, token: str | None = None) -> str:
    """Have the simulator take a fax as if our POST had reached it; the id of its session."""
    shown = fax.token if token is None else token
    return sent(shop.account, to=fax.number, comment={"text": shown, "tags": [shown] if shown else []})
