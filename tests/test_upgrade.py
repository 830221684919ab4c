"""Data that every earlier schema wrote, with faxes in every state, is opened and gone on with."""

import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import create_engine, text

from gateway.event import Claimed
from gateway.fax import FINAL, State, advance
from gateway.store import Store, Writer, open_engine
from gateway.store.engine import MIGRATIONS
from tests.values import NOW

OLD = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("*.py"))[:-1]
"""Every schema but the newest."""

SUBMISSION = """
INSERT INTO submissions (id, sender, rule, client, message_id, "references", subject, quiet, received_at, size, sha256,
left_out, spooled) VALUES ('s1', 'alice@example.org', 'office', '127.0.0.1', '<1@example.org>', '', 'Invoice', 0,
:now, 2000, 'abc', '[{"name": "logo.png", "why": "a picture"}]', 1)
"""
FAX = """
INSERT INTO faxes (id, submission_id, number, recipient, state, due_at, version, attempt, redials, deferrals,
claimed_at, looks, asks, remote_ids, status, reason, created_at, queued_at) VALUES (:state, 's1', '+15551234567',
'15551234567@fax.local', :state, :due_at, 3, 1, 0, 0, :now, 0, 0, '["r1"]', '', '', :now, :now)
"""


def written_by(schema: str, place: Path) -> None:
    """Leave a database as a program of that schema would, with a fax in every state."""
    engine = create_engine(f"sqlite:///{place / 'fax-gateway.sqlite3'}")
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, schema)
        connection.execute(text(SUBMISSION), {"now": NOW})
        for state in State:
            due_at = None if state in FINAL else NOW
            connection.execute(text(FAX), {"state": state.value, "due_at": due_at, "now": NOW})
    engine.dispose()


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
