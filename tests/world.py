"""A simulated world: real worker, store and FAX.PLUS client, a simulated FAX.PLUS, a clock moved by hand, crashes.

Everything is drawn from one seed, so that a world that breaks a promise can be looked at again. The process
may die before or after every call to the outside: database, FAX.PLUS, relay. What had its effect keeps it.
"""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import formatdate
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from gateway.config import Config
from gateway.fax import FINAL, UNKNOWN, Fax, State
from gateway.faxplus import FaxPlus, read_hint
from gateway.mailer import MailerError
from gateway.simulator import Account, SimulatorSettings, app
from gateway.simulator.orders import HookOrder
from gateway.spool import Spool
from gateway.store import Store
from gateway.store.tables import METADATA
from gateway.store.writer import Work
from gateway.submission import Kind, NoticeKind
from gateway.worker import Worker
from tests.values import NOW, a_document, a_fax, a_submission

T = TypeVar("T")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Page>>endobj\n%%EOF\n"
NUMBERS = (
    "+15552220000",
    "+15552220000",
    "+15552220000",
    "+15552220101",
    "+15552220201",
    "+15552220001",
    "+15552220008",
    "+15552220190",
)
"""Succeeds (most go there, and could be mistaken for each other), busy once, twice, always, none, and stuck."""


MAILS, ROUNDS = 6, 60
"""Mails in a world, and rounds in which things go wrong."""
RECIPIENTS = (1, 1, 2, 4)
"""How many numbers a mail is for, but for those that are drawn twice."""
WILD, CALM = (0.1, 1.0, 5.0, 20.0, 70.0, 200.0), (70.0, 200.0, 600.0)
"""Seconds that may pass between two rounds."""


HOUR, YEAR = 3600.0, 365 * 86_400.0
JUMPS = (HOUR, -HOUR, YEAR, -YEAR, 5.0, -5.0)
"""Seconds by which the gateway's clock may be set."""


class Crash(BaseException):
    """The process dies here."""


class BrokenPromiseError(AssertionError):
    """What must never happen has happened."""


@dataclass
class Fate:
    """Draws what goes wrong, and when."""

    chance: random.Random
    crashes: float = 0.02
    lost: float = 0.06
    calm: bool = False  #: towards the end nothing goes wrong any more, so that everything can end
    crashed: int = 0

    def crash(self) -> None:
        """Perhaps die here."""
        if not self.calm and self.chance.random() < self.crashes:
            self.crashed += 1
            raise Crash

    def loses(self) -> bool:
        """Whether this one is lost."""
        return not self.calm and self.chance.random() < self.lost


class DatabaseOnTheEdge:
    """Does the store's work at once; the process may die before or after the commit."""

    def __init__(self, fate: Fate) -> None:
        self._fate = fate
        self._engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

        @event.listens_for(self._engine, "connect")
        def _connected(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA foreign_keys=ON")

        METADATA.create_all(self._engine)

    async def run(self, work: Work[T], octets: int = 0) -> T:
        """Do the work; see `Runner`."""
        self._fate.crash()
        with self._engine.begin() as connection:
            result = work(connection)
        self._fate.crash()
        return result

    def close(self) -> None:
        """Forget everything."""
        self._engine.dispose()


class WireOnTheEdge(httpx.AsyncBaseTransport):
    """The way to FAX.PLUS: requests and answers get lost, and the process may die before or after."""

    def __init__(self, fate: Fate, inner: httpx.AsyncBaseTransport, time: Callable[[], float]) -> None:
        self._fate = fate
        self._time = time
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request there and its answer back, perhaps."""
        self._fate.crash()
        if self._fate.loses():
            raise httpx.ConnectError("no way there", request=request)
        if self._fate.loses():
            raise httpx.ReadTimeout("lost on the way there", request=request)
        response = await self._inner.handle_async_request(request)
        await response.aread()
        response.headers["Date"] = formatdate(self._time(), usegmt=True)
        self._fate.crash()
        if self._fate.loses():
            raise httpx.ReadTimeout("lost on the way back", request=request)
        return response


@dataclass
class RelayOnTheEdge:
    """A mail relay that remembers, and sometimes does not take a mail or dies just after."""

    fate: Fate
    told: list[tuple[str, str, str]] = field(default_factory=list)  #: Message-ID, fax and its state, of each one told

    async def send(self, recipient: str, message: bytes) -> None:
        """Take a mail, perhaps."""
        self.fate.crash()
        if self.fate.loses():
            raise MailerError("451 later", permanent=False)
        mail = message_from_bytes(message)
        self.told += [(str(mail["Message-ID"]), fax, state) for fax, state in told_in(mail)]
        self.fate.crash()


class AtOnce(ThreadPoolExecutor):
    """Does at once what is given to a thread: a world must not depend on which of them is quicker."""

    def submit(self, work: Callable[..., T], /, *given: Any, **named: Any) -> Future[T]:
        """Do it."""
        done: Future[T] = Future()
        try:
            done.set_result(work(*given, **named))
        except BaseException as error:  # noqa: BLE001  # as the thread would hand it on
            done.set_exception(error)
        return done


class AnyToken:
    """A token that is always good."""

    async def headers(self) -> dict[str, str]:
        """Return the headers."""
        return {"Authorization": "Bearer alohi_pat_simulated"}

    async def renew(self) -> bool:
        """There is never a better one."""
        return False


class World:
    """One seed's world."""

    def __init__(self, seed: int, directory: Path, config: Config) -> None:
        self.chance = random.Random(seed)
        self.time = 0.0  #: true time since the world began, seconds
        self._clock = NOW  #: what the gateway's clock says beyond that; somebody may set it
        self.fate = Fate(self.chance, crashes=self.chance.choice([0.0, 0.01, 0.03]))
        self._jumpy = self.chance.choice([0.0, 0.0, 0.05])
        self.config = config.model_copy(update={"state": directory})
        self.account = Account(self._settings(), now=lambda: NOW + self.time, chance=self.chance)
        self.database = DatabaseOnTheEdge(self.fate)
        self.store = Store(self.database)
        self.relay = RelayOnTheEdge(self.fate)
        self.spool = Spool(directory)
        self.acknowledged: set[str] = set()
        self._calls: list[dict[str, Any]] = []
        self.account.add_hook(HookOrder(target="http://127.0.0.1/faxplus/secret", event="fax_sent"))
        wire = WireOnTheEdge(self.fate, httpx.ASGITransport(app(self.account)), lambda: NOW + self.time)
        self._http = httpx.AsyncClient(transport=wire)

    def _settings(self) -> SimulatorSettings:
        draw = self.chance
        return SimulatorSettings(
            ids=draw.choice(["equal", "differ"]),
            comment_kept=draw.random() < 0.5,
            archive_lag=(0.0, draw.choice([0.0, 30.0])),
            visibility_lag=(0.0, draw.choice([0.0, 30.0, 100.0])),
            webhook_loss=draw.choice([0.0, 0.5, 1.0]),
            webhook_duplicates=0.3,
            webhook_delay=(0.0, draw.choice([0.0, 60.0, 7200.0])),
        )

    def new_worker(self) -> Worker:
        """The process starts anew: only what was committed is left."""
        faxplus = FaxPlus(self.config.faxplus, self._http, AnyToken(), now=lambda: self.now)
        return Worker(
            self.config,
            store=self.store,
            spool=self.spool,
            faxplus=faxplus,
            mailer=self.relay,  # type: ignore[arg-type]  # it remembers in place of sending
            now=lambda: self.now,
            monotonic=lambda: self.time,
        )

    @property
    def now(self) -> float:
        """What the gateway's clock says."""
        return self._clock + self.time

    def _pass_time(self) -> None:
        self.time += self.chance.choice(CALM if self.fate.calm else WILD)
        if not self.fate.calm and self.chance.random() < self._jumpy:
            self._clock += self.chance.choice(JUMPS)

    async def live(self) -> None:
        """Live through everything, to the end, and hold the promises against it."""
        asyncio.get_running_loop().set_default_executor(AtOnce())
        worker = self.new_worker()
        for round_ in range(1500):
            self.fate.calm = round_ > ROUNDS
            if round_ < MAILS:
                await self._survive(self._mail_comes_in)
            if not await self._survive(worker.step, self._webhooks(worker)):
                worker = self.new_worker()
            self._at_most_one_live_attempt()
            if self.fate.calm and await self._all_over():
                break
            self._pass_time()
        await self._promises_kept()
        await self._http.aclose()
        self.database.close()

    async def _survive(self, *doings: Callable[[], Any]) -> bool:
        """Do these things; False when the process died over it."""
        try:
            for doing in doings:
                await doing()
        except Crash:
            return False
        except BaseExceptionGroup as group:
            crashes, others = group.split(Crash)
            if others is not None:
                raise
            return crashes is None
        return True

    async def _mail_comes_in(self) -> None:
        number = len(list(self.spool.kept()))
        submission_id = f"mail{number}"
        self.spool.path(submission_id).write_bytes(PDF)
        document = a_document(
            kind=Kind.PDF,
            pages=1,
            offset=0,
            length=len(PDF),
            size=len(PDF),
            encoding="identity",
            sha256=hashlib.sha256(PDF).hexdigest(),
        )
        submission = a_submission(id=submission_id, received_at=self.now, documents=(document,), left_out=())
        numbers = sorted({self.chance.choice(NUMBERS) for _ in range(self.chance.choice(RECIPIENTS))})
        times = {"due_at": self.now, "created_at": self.now, "queued_at": self.now}
        faxes = [
            a_fax(id=f"fax{number}.{place}", submission_id=submission_id, number=to, **times)
            for place, to in enumerate(numbers)
        ]
        await self.store.accept(submission, faxes)
        self.acknowledged |= {fax.id for fax in faxes}

    def _webhooks(self, worker: Worker) -> Callable[[], Any]:
        async def call() -> None:
            self._calls += [call.body for call in self.account.calls_due(NOW + self.time)]
            self.chance.shuffle(self._calls)
            while self._calls:
                hint = read_hint(_json(self._calls.pop()))
                if hint is not None:
                    await worker.hurry(hint)

        return call

    async def _faxes(self) -> list[Fax]:
        self.fate.calm = True
        return await self.store.faxes(limit=1000)

    async def _all_over(self) -> bool:
        faxes = await self._faxes()
        return all(fax.final for fax in faxes) and await self.store.next_notice_due() is None

    def _at_most_one_live_attempt(self) -> None:
        """Promise 2: never two attempts of one fax at FAX.PLUS at the same time, nor two of one dialling ever."""
        self.account.advance()
        live = Counter(_fax_id(job.token) for job in self.account.jobs if not job.over)
        diallings = Counter(job.token for job in self.account.jobs)
        for what, counted in (("live attempts", live), ("POSTs of one dialling", diallings)):
            broken = {key: count for key, count in counted.items() if count > 1}
            if broken:
                raise BrokenPromiseError(f"{what}: {broken}")

    async def _promises_kept(self) -> None:
        faxes = {fax.id: fax for fax in await self._faxes()}
        if missing := self.acknowledged - faxes.keys():
            raise BrokenPromiseError(f"acknowledged and lost: {missing}")
        for fax in faxes.values():
            self._ended(fax)
            self._true(fax)
            await self._told_once(fax)

    def _ended(self, fax: Fax) -> None:
        if fax.state not in FINAL:
            raise BrokenPromiseError(f"{fax.id} never ended: {fax.state}, {fax.reason}")

    def _true(self, fax: Fax) -> None:
        """Promise 3: only what is known to be true is said."""
        statuses = [job.status for job in self._jobs(fax)]
        if statuses.count("success") > 1:
            raise BrokenPromiseError(f"{fax.id} was faxed twice")
        if (fax.state is State.DELIVERED) != ("success" in statuses) and fax.status != UNKNOWN:
            raise BrokenPromiseError(f"{fax.id} is called {fax.state} ({fax.status}), but FAX.PLUS has {statuses}")

    def _jobs(self, fax: Fax) -> Iterator[Any]:
        return (job for job in self.account.jobs if _fax_id(job.token) == fax.id)

    async def _told_once(self, fax: Fax) -> None:
        """Promise 3: whoever sent it hears how it ended, in one mail, which may have left twice."""
        owed = await self.store.notices(fax.id)
        outcomes = {f"<{one.mail}@{self.config.own_name}>" for one in owed if one.kind is NoticeKind.OUTCOME}
        told = {(message_id, state) for message_id, id, state in self.relay.told if id == fax.id and state in FINAL}
        if len(outcomes) != 1 or told != {(message_id, fax.state) for message_id in outcomes}:
            raise BrokenPromiseError(f"{fax.id}: outcomes on record {outcomes}, told {told}")
        if len(owed) - len(outcomes) > 1:
            raise BrokenPromiseError(f"{fax.id}: told more than once that it is late")


def told_in(mail: Message) -> list[tuple[str, str]]:
    """The faxes that a mail to a sender tells of, and their states."""
    if mail["X-Fax-Id"]:
        return [(str(mail["X-Fax-Id"]), str(mail["X-Fax-State"]))]
    results = [dict(fact.split("=", 1) for fact in one.split("; ")) for one in mail.get_all("X-Fax-Result", [])]
    return [(result["id"], result["state"]) for result in results]


def _fax_id(token: str) -> str:
    return token.rpartition("-")[0]


def _json(body: dict[str, Any]) -> bytes:
    return httpx.Request("POST", "http://x", json=body).content


def live(seed: int, directory: Path, config: Config) -> World:
    """Run one world to its end.

    Raises:
        BrokenPromiseError: a promise was broken in it.
    """
    world = World(seed, directory, config)
    asyncio.run(world.live())
    return world
