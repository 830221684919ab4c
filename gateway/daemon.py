"""Builds every object from the configuration, opens the doors, and runs until told to stop."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from gateway import web
from gateway.config import Config
from gateway.configfile import secret
from gateway.fax import Fax
from gateway.faxplus import FaxPlus, http_client, read_hint, token_source
from gateway.inspector import Inspector, Thumbnails
from gateway.mailer import Mailer
from gateway.origin import Verifier
from gateway.policy import Quotas
from gateway.smtp.disk import Disk
from gateway.smtp.intake import Intake
from gateway.smtp.listener import Listeners, activated
from gateway.smtp.means import Accept, Means
from gateway.spool import DatabaseSpool, Spool
from gateway.store import ClocksApartError, Store, Writer, open_engine
from gateway.store.engine import only_daemon
from gateway.submission import Notice, Submission
from gateway.systemd import say
from gateway.worker import Worker
from gateway.worker.frontpage import Draw

log = structlog.get_logger()

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base32: nothing in it is mistaken for something else over the phone."""
LONGEST_STOP = 5.0
"""Seconds that a step under way still has once the doors are closed; it is told to end before they begin to close.

Mail under way, requests, this step and the database have less than 30 seconds together; `kill -9` would be as safe.
"""


def new_id() -> str:
    """Make an id that people can read aloud: ten characters, 50 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


@asynccontextmanager
async def opened_store(config: Config) -> AsyncIterator[Store]:
    """Open the store, for the daemon or for one of the operator's commands.

    Raises:
        gateway.store.DatabaseNewerError: it was written by a newer version.
        sqlalchemy.exc.OperationalError: it cannot be reached.
    """
    writer = Writer(await asyncio.to_thread(open_engine, config.state, config.database))
    try:
        yield Store(writer, lease=None if config.database is None else config.schedule.quarantine / 2)
    finally:
        await asyncio.to_thread(writer.close)


@asynccontextmanager
async def opened_faxplus(config: Config) -> AsyncIterator[FaxPlus]:
    """Open the way to FAX.PLUS."""
    async with http_client(config.faxplus) as http:
        yield FaxPlus(config.faxplus, http, token_source(config.faxplus, http), now=time.time)


def spool_of(config: Config, store: Store) -> Spool:
    """Where accepted mail lies: where every node can read it."""
    place = config.state / "spool"
    return Spool(place) if config.database is None else DatabaseSpool(place, store.piece)


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a running gateway can be reached: the port of each listener by its name, and that of the webhook."""

    smtp: dict[str, int]
    web: int


@asynccontextmanager
async def running(config: Config) -> AsyncIterator[Doors]:
    """Run the gateway for as long as the block lasts; leaving it stops in good order.

    Raises:
        gateway.store.DatabaseBusyError: another daemon works on this state directory.
        gateway.store.ClocksApartError: the database has another time.
        OSError: an address is taken, or the state directory is not ours.
    """
    config.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with AsyncExitStack() as house:
        house.enter_context(only_daemon(config.state))
        store = await house.enter_async_context(opened_store(config))
        await _agree_on_the_time(store, config.schedule.quarantine / 8)
        faxplus = await house.enter_async_context(opened_faxplus(config))
        spool, mailer = spool_of(config, store), Mailer(config.relay, config.own_name)
        worker = Worker(
            config,
            store=store,
            spool=spool,
            faxplus=faxplus,
            mailer=mailer,
            now=time.time,
            monotonic=time.monotonic,
            draw=await house.enter_async_context(_drawing(config)),
        )
        await worker.recover()
        await house.enter_async_context(_working(worker))
        port = await house.enter_async_context(_webhook(config, worker, store))
        ports = await house.enter_async_context(_listening(config, spool, store, worker.kick))
        log.info("gateway.ready", smtp=ports, web=port)
        yield Doors(smtp=ports, web=port)
        log.info("gateway.stopping")
        worker.stop()


async def _agree_on_the_time(store: Store, most: float) -> None:
    """Several nodes take turns by the clock, so each holds its own against the database's.

    Raises:
        ClocksApartError: they are more than so many seconds apart.
    """
    before = time.time()
    theirs = await store.clock()
    apart = 0.0 if theirs is None else max(before - theirs, theirs - time.time())
    if apart > most:
        raise ClocksApartError(
            f"this machine's clock and the database's are {apart:.0f} seconds apart: let both follow a time server"
        )


async def serve(config: Config, stop: asyncio.Event) -> None:
    """Run the gateway until `stop` is set; tell systemd when it is ready."""
    async with running(config):
        say("READY=1")
        await stop.wait()
        say("STOPPING=1")


@asynccontextmanager
async def _drawing(config: Config) -> AsyncIterator[Draw | None]:
    """What draws first pages, where confirmations are to show them."""
    if not config.confirmations.thumbnail:
        yield None
        return
    thumbnails = Thumbnails(config.limits.inspection_memory)
    try:
        yield thumbnails.draw
    finally:
        await thumbnails.close()


@asynccontextmanager
async def _working(worker: Worker) -> AsyncIterator[None]:
    work = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        _, unfinished = await asyncio.wait([work], timeout=LONGEST_STOP)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(work, return_exceptions=True)


@asynccontextmanager
async def _webhook(config: Config, worker: Worker, store: Store) -> AsyncIterator[int]:
    path = config.webhook.secret_file
    application = web.app(
        secret=secret(path).get_secret_value() if path is not None else None,
        read=read_hint,
        hurry=worker.hurry,
        ready=_readiness(store, Disk(config.state, config.limits.reserve)),
    )
    server = web.Server(application, web.listen(config.webhook.listen))
    await server.start()
    try:
        yield server.port
    finally:
        await server.stop()


def _readiness(store: Store, disk: Disk) -> Callable[[], Awaitable[str | None]]:
    async def ready() -> str | None:
        await store.next_notice_due()  # raises when the database is gone
        try:
            await asyncio.to_thread(disk.check, 0)
        except OSError as error:
            return f"no room for mail in the state directory: {error.strerror}"
        return None

    return ready


def _acceptance(spool: Spool, store: Store, quotas: Quotas) -> Accept:
    """With a shared database the mail goes there in the same commit, and then its file has done its duty."""

    async def accept(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], repeat_window: float
    ) -> list[Fax]:
        limits = quotas.limits(submission.rule, [fax.number for fax in faxes])
        if not isinstance(spool, DatabaseSpool):
            return await store.accept(submission, faxes, notices, repeat_window, quotas=limits)
        try:
            mail = spool.path(submission.id)
            return await store.accept(submission, faxes, notices, repeat_window, mail=mail, quotas=limits)
        finally:
            await asyncio.to_thread(spool.remove, submission.id)

    return accept


@asynccontextmanager
async def _listening(
    config: Config, spool: Spool, store: Store, kick: Callable[[], None]
) -> AsyncIterator[dict[str, int]]:
    inspector = Inspector(config.limits)
    await inspector.start()
    origin = Verifier(config.dns, time.time)
    means = Means(
        spool=spool,
        inspect=inspector.inspect,
        join=inspector.join,
        origin=origin,
        accept=_acceptance(spool, store, Quotas(config)),
        waiting=store.waiting,
        used=store.used,
        shelf=store.shelf,
        kick=kick,
        now=time.time,
        new_id=new_id,
    )
    listeners = Listeners(config, Intake(config, means), activated(os.environ, os.getpid()))
    try:
        yield await listeners.start()
    finally:
        await listeners.close()
        origin.close()
        await inspector.close()
