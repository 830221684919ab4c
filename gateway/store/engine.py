"""Opens the database: SQLite or PostgreSQL, brought to the newest schema, and SQLite for one daemon only."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT = 10.0
"""Seconds that a statement waits for another process's short transaction (the operator's commands)."""
LONGEST_IDLE = 5
"""Seconds after which PostgreSQL ends a transaction whose node does nothing."""
QUICK_TO_NOTICE = {
    "connect_timeout": 5,  # seconds, like the next two
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
"""What libpq does about a server that has vanished without a word: otherwise we would wait for a quarter of an hour."""


class DatabaseBusyError(Exception):
    """Another daemon already works on this SQLite file."""


class DatabaseNewerError(Exception):
    """The database was written by a newer version of this program."""


class ClocksApartError(Exception):
    """This machine and the database do not agree on the time, so neither do the nodes on what is due."""


def open_engine(state: Path, database: str | None) -> Engine:
    """Open the database named by the configuration and bring its schema up to date.

    Raises:
        DatabaseNewerError: its schema is from the future; an older program must not touch it.
        sqlalchemy.exc.OperationalError: it cannot be reached or written.
    """
    engine = _sqlite(state / "fax-gateway.sqlite3") if database is None else _postgresql(database)
    try:
        _upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def only_daemon(state: Path) -> Iterator[None]:
    """Hold the state directory for one daemon.

    Raises:
        DatabaseBusyError: another process holds it.
    """
    with (state / "daemon.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseBusyError(f"another fax-gateway already runs on {state}") from None
        yield


def _sqlite(path: Path) -> Engine:
    path.touch(mode=0o600)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself: savepoints and BEGIN IMMEDIATE are ours.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(database: str) -> Engine:
    url = make_url(database).set(drivername="postgresql+psycopg")
    engine = create_engine(url, pool_pre_ping=True, connect_args=QUICK_TO_NOTICE)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # A node that stops in the middle of a transaction must not hold its locks against the others.
        connection.execute(f"SET idle_in_transaction_session_timeout = '{LONGEST_IDLE}s'")
        connection.commit()

    return engine


def _upgrade(engine: Engine) -> None:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(settings)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # several nodes may start at once
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4021)")
        present = MigrationContext.configure(connection).get_current_revision()
        if present is not None and present not in {revision.revision for revision in script.walk_revisions()}:
            raise DatabaseNewerError(f"the database has schema {present}, which this version does not know; upgrade")
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
