"""A pytest plugin that takes one rule of the promises out of the program: `MUTANT=name pytest -p tests.mutants ...`.

`tests/test_mutants.py` runs the gate that must notice each. The rules of the worker are taken out, one by one, in
`tests/test_simulation.py`, where whole worlds must notice.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

from gateway.schedule import Schedule
from gateway.smtp import failure
from gateway.smtp.intake import Intake
from gateway.smtp.reply import Reply
from gateway.spool import Draft
from gateway.store import writer

Mutant = Callable[[], None]


def no_sync_before_250() -> None:
    """The mail is written, but nobody makes sure that it is on disk."""

    def unsynced(self: Draft) -> None:
        self._file.close()

    Draft.sync = unsynced  # type: ignore[method-assign]  # that is the mutation


def acknowledged_before_the_commit() -> None:
    """250 does not wait for the commit."""

    async def hasty(self: Intake, *arguments: Any) -> str:
        task = asyncio.create_task(original(self, *arguments))
        _running.append(task)
        return str(arguments[0].draft.id)

    original = Intake._commit
    Intake._commit = hasty  # type: ignore[assignment, method-assign]  # that is the mutation


def permanent_in_place_of_temporary() -> None:
    """A failure of our own makes the sender's server give up."""
    failure.FAILED = Reply(554, "5.3.0", "failure")
    failure.DISK_FULL = Reply(552, "5.3.1", "no room")


def no_fence() -> None:
    """A process that was asleep after its claim posts all the same."""
    Schedule.may_post = lambda _self, fax, now: True  # type: ignore[method-assign, assignment]  # that is the mutation


def a_bad_piece_takes_all_with_it() -> None:
    """Mails that share a commit share their errors."""

    def together(self: Any, connection: Any, *, alone: bool) -> None:
        self._result = self._work(connection)

    writer._Piece.do = together  # type: ignore[method-assign]  # that is the mutation


def broken_commit_counts_as_failed() -> None:
    """A commit that broke is called not done, though nobody knows."""
    writer._commit = lambda transaction: transaction.commit()


_running: list[Any] = []
GATES: dict[Mutant, str] = {
    no_sync_before_250: "tests/test_spool_directory.py",
    acknowledged_before_the_commit: "tests/test_smtp_intake.py",
    permanent_in_place_of_temporary: "tests/test_smtp_intake.py",
    no_fence: "tests/test_worker_submit.py",
    a_bad_piece_takes_all_with_it: "tests/test_store.py",
    broken_commit_counts_as_failed: "tests/test_store_writer.py",
}
"""Which tests must notice the loss of each rule."""


def pytest_configure(config: pytest.Config) -> None:
    """Mutate."""
    {mutant.__name__: mutant for mutant in GATES}[os.environ["MUTANT"]]()
