"""Data that every earlier schema wrote is opened and gone on with, and an earlier version works on beside a new one."""

import ast
import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, Engine, MetaData, create_engine, text

from gateway.event import Claimed
from gateway.fax import FINAL, State, advance
from gateway.store import Store, Writer, open_engine
from gateway.store.engine import MIGRATIONS
from tests.values import NOW

OLD = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("*.py"))[:-1]
"""Every schema but the newest."""

SUBMISSION = """
INSERT INTO submissions (id, sender, rule, client, message_id, "references", subject, quiet, received_at, size, sha256,
left_out, spooled) VALUES ('s1', 'alice@example.org', 'office', '127.0.0.1', '<1@example.org>', '', 'Invoice', :quiet,
:now, 2000, 'abc', '[{"name": "logo.png", "why": "a picture"}]', :spooled)
"""
FAX = """
INSERT INTO faxes (id, submission_id, number, recipient, state, due_at, version, attempt, redials, deferrals,
claimed_at, looks, asks, remote_ids, status, reason, created_at, queued_at) VALUES (:state, 's1', '+15551234567',
'15551234567@fax.local', :state, :due_at, 3, 1, 0, 0, :now, 0, 0, '["r1"]', '', '', :now, :now)
"""


ADDING = {"add_column", "create_table", "create_index"}
"""What a migration may do: nothing that an older version, still running on another node, would trip over."""


def written_by(schema: str, place: Path) -> None:
    """Leave a database as a program of that schema would, with a fax in every state."""
    engine = create_engine(f"sqlite:///{place / 'fax-gateway.sqlite3'}")
    with engine.begin() as connection:
        at_schema(connection, schema)
        write(connection)
    engine.dispose()


def at_schema(connection: Connection, schema: str) -> None:
    """Bring a database to a schema."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.attributes["connection"] = connection
    command.upgrade(settings, schema)


def write(connection: Connection) -> None:
    """Write a mail, and a fax in every state, as the first version did."""
    connection.execute(text(SUBMISSION), {"now": NOW, "quiet": False, "spooled": True})
    for state in State:
        due_at = None if state in FINAL else NOW
        connection.execute(text(FAX), {"state": state.value, "due_at": due_at, "now": NOW})


@pytest.mark.parametrize("schema", OLD)
def test_goes_on(schema: str, tmp_path: Path) -> None:
    """No fax is lost, each is in its state, and what is due goes on."""
    written_by(schema, tmp_path)
    writer = Writer(open_engine(tmp_path, None))

    async def story() -> None:
        store = Store(writer)
        faxes = {fax.id: fax for fax in await store.faxes(limit=100)}
        queued = faxes[State.QUEUED]
        event = Claimed(look_at=NOW + 120)
        submission = await store.submission("s1")

        assert {state: state for state in State} == {id: fax.state for id, fax in faxes.items()}
        assert [State.SUBMITTED] == [fax.id for fax in await store.due([State.SUBMITTED], NOW)]
        assert await store.change(queued, advance(queued, event, NOW), event, NOW)
        assert submission is not None
        assert ("Invoice", "logo.png") == (submission.subject, submission.left_out[0].name)

    asyncio.run(story())
    writer.close()


def test_migrations_only_add() -> None:
    """Nothing is taken away or rebuilt, and what is added to a table may be left out by those who do not know it."""
    for path in sorted((MIGRATIONS / "versions").glob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        names = {called(call) for call in calls if called(call, "op")} - {""}
        columns = [column for call in calls if called(call, "op") == "add_column" for column in call.args[1:]]
        left_out = {ast.unparse(column) for column in columns if not _may_be_left_out(column)}

        assert (set(), set()) == (names - ADDING, left_out), path.name


def called(call: ast.Call, owner: str = "op") -> str:
    """The method that a call is of, if it is one of that owner's."""
    function = call.func
    is_owners = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)
    return function.attr if is_owners and function.value.id == owner else ""  # type: ignore[attr-defined]  # as just seen


def _may_be_left_out(column: ast.expr) -> bool:
    assert isinstance(column, ast.Call)
    named = {keyword.arg: ast.unparse(keyword.value) for keyword in column.keywords}
    return named.get("nullable") == "True" or "server_default" in named


@pytest.mark.parametrize("schema", OLD)
def test_an_older_version_works_on(schema: str, engine: Engine, tmp_path: Path) -> None:
    """While its node waits for its turn to be upgraded: it writes and reads by the columns that it knows."""
    old = MetaData()
    earlier = create_engine(f"sqlite:///{tmp_path / 'earlier.sqlite3'}")
    with earlier.begin() as connection:
        at_schema(connection, schema)
        old.reflect(connection)
    earlier.dispose()
    with engine.begin() as connection:
        write(connection)
        rows = {name: len(connection.execute(table.select()).all()) for name, table in old.tables.items()}

    assert (1, len(State)) == (rows["submissions"], rows["faxes"])
