"""What counts against quotas: written and checked in the accepting transaction, so that sessions cannot pass together.

On SQLite, which has one writer, no quota is ever passed. Of several nodes on PostgreSQL, each may let in what fits at
the moment at which it asks: what the others accept in that same instant, one transaction each, may come on top.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, func, insert, select

from gateway.fax import Fax
from gateway.policy import Limit, Unit
from gateway.store.tables import USAGE
from gateway.submission import Submission


def check(connection: Connection, submission: Submission, faxes: Sequence[Fax], limits: Iterable[Limit]) -> None:
    """Return if these faxes of a mail are within the limits.

    Raises:
        gateway.policy.OverQuotaError: they are not.
    """
    for limit in limits:
        count = sum(limit.number in {None, fax.number} for fax in faxes)
        if count:
            wanted = count if limit.unit is Unit.FAXES else count * submission.pages
            limit.check(used(connection, limit, submission.received_at), wanted)


def record(connection: Connection, submission: Submission, faxes: Sequence[Fax]) -> None:
    """Insert what these faxes use up."""
    shared = {"at": submission.received_at, "rule": submission.rule, "pages": submission.pages}
    if faxes:
        connection.execute(insert(USAGE), [shared | {"fax_id": fax.id, "number": fax.number} for fax in faxes])


def used(connection: Connection, limit: Limit, now: float) -> int:
    """Return how much of a limit is used. The time reaches both ways, for clocks jump."""
    near: list[ColumnElement[bool]] = [USAGE.c.at.between(now - limit.span, now + limit.span)]
    if limit.rule is not None:
        near.append(USAGE.c.rule == limit.rule)
    if limit.number is not None:
        near.append(USAGE.c.number == limit.number)
    amount = func.count() if limit.unit is Unit.FAXES else func.coalesce(func.sum(USAGE.c.pages), 0)
    return int(connection.scalar(select(amount).select_from(USAGE).where(*near)) or 0)
