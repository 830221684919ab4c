"""Opening a database: migrations lead to our tables, the future is refused, SQLite serves one daemon, durably."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from gateway.store.engine import (
    LONGEST_IDLE,
    MIGRATIONS,
    DatabaseBusyError,
    DatabaseNewerError,
    only_daemon,
    open_engine,
)
from gateway.store.tables import METADATA
from tests.conftest import empty_database


def test_migrations_lead_to_the_tables(engine: Engine) -> None:
    """The newest schema is exactly what the statements are written against."""
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert [] == differences


def test_opened_twice(tmp_path: Path) -> None:
    """A database at the newest schema is opened as it is."""
    newest = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("*.py"))
    for _ in range(2):
        engine = open_engine(tmp_path, None)
        with engine.connect() as connection:
            assert newest == connection.scalar(text("SELECT version_num FROM alembic_version"))
        engine.dispose()


def test_from_the_future(tmp_path: Path) -> None:
    """An older program does not touch a newer database."""
    engine = open_engine(tmp_path, None)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(DatabaseNewerError, match="9999"):
        open_engine(tmp_path, None)


def test_second_daemon_is_refused(tmp_path: Path) -> None:
    """Two daemons never share an SQLite file; when the first ends, the next may begin."""
    with only_daemon(tmp_path), pytest.raises(DatabaseBusyError, match=str(tmp_path)), only_daemon(tmp_path):
        pass
    with only_daemon(tmp_path):
        pass


def test_sqlite_is_durable_and_private(tmp_path: Path) -> None:
    """Each commit is synced to disk, deleted content is overwritten, and nobody else reads the file."""
    engine = open_engine(tmp_path, None)
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    engine.dispose()

    assert {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1} == pragmas
    assert 0o600 == (tmp_path / "fax-gateway.sqlite3").stat().st_mode & 0o777


def test_postgresql_ends_what_a_sleeping_node_began(tmp_path: Path, postgresql: str) -> None:
    """Every connection tells the server not to keep the locks of a node that does nothing, also after a rollback."""
    engine = open_engine(tmp_path, empty_database(postgresql))
    with engine.connect() as connection:
        connection.rollback()
        limit = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
    engine.dispose()

    assert f"{LONGEST_IDLE}s" == limit
