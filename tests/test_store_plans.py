"""Every query of the running gateway finds its rows by an index: a million finished faxes make none of them slower."""

import asyncio
import re
from pathlib import Path
from typing import Any

from sqlalchemy import event

from gateway.faxplus import Hint
from tests.test_worker import factory

SCANNED = re.compile(r"^SCAN (submissions|documents|faxes|remote_ids|changes|notices|mail_chunks)\b(?!.*USING)")
DAY = 86_400.0


def test_no_table_is_scanned(tmp_path: Path) -> None:
    """Asked of SQLite itself, about every statement of a fax's whole life, the clearing away included."""
    asked: dict[str, Any] = {}

    async def story() -> list[str]:
        async with factory(tmp_path) as (shop, worker, _):
            engine = shop.store._run.__self__._engine  # type: ignore[attr-defined]  # the writer that it belongs to
            event.listen(engine, "before_cursor_execute", lambda *call: asked.setdefault(call[2], call[3]))
            await worker.recover()
            await shop.accept("fax1", "fax2")
            await shop.store.waiting(100)
            for seconds in (0.0, 4000.0, 600.0, 2 * DAY, 100 * DAY):
                shop.pass_by(seconds)
                await worker.step()
                await worker.hurry(Hint(("an id",), "", ""))
            with engine.connect() as connection:
                plans = {
                    statement: connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                    for statement, parameters in list(asked.items())
                    if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE"))
                }
            assert len(plans) > 10
            return [
                f"{step[3]}: {statement}"
                for statement, plan in plans.items()
                for step in plan
                if SCANNED.match(step[3])
            ]

    assert [] == asyncio.run(story())
