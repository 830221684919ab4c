"""What the rest of the house asks of the database about pieces of mails that wait for others."""

from collections.abc import Collection

from sqlalchemy import Connection

from gateway.store import fragments, gathering
from gateway.store.writer import Runner
from gateway.submission import Notice, Submission


class Shelf:
    """What is held."""

    def __init__(self, runner: Runner) -> None:
        """Open it; `runner` does the work."""
        self._run = runner.run

    async def of(self, whole: str) -> list[Submission]:
        """Return the pieces of a mail that wait for others, oldest first."""
        query = fragments.held(whole)
        found = await self._run(lambda connection: connection.execute(query).mappings().all())
        return [fragments.to_submission(row) for row in found]

    async def load(self, rule: str) -> tuple[int, int]:
        """Return how many pieces wait for others, of all senders of a rule, and how many octets they are."""
        row = await self._run(lambda connection: connection.execute(fragments.load(rule)).mappings().one())
        return int(row["pieces"]), int(row["octets"])

    async def stranded(self, before: float) -> list[Submission]:
        """Return the pieces of the mails of which none has come since then, those of a mail together."""
        query = fragments.stranded(before)
        found = await self._run(lambda connection: connection.execute(query).mappings().all())
        return [fragments.to_submission(row) for row in found]

    async def given_up(self, id: str) -> list[Submission]:
        """Return the pieces of a mail that were given up, by one of them."""
        query = fragments.given_up(id)
        found = await self._run(lambda connection: connection.execute(query).mappings().all())
        return [fragments.to_submission(row) for row in found]

    async def give_up(self, ids: Collection[str], notice: Notice) -> None:
        """Write that these pieces wait no longer, and owe the notice that says so."""

        def work(connection: Connection) -> None:
            fragments.give_up(connection, ids)
            gathering.owe(connection, notice)

        await self._run(work)
