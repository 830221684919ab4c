"""What was spent: set aside in the transaction that claims a fax, made good in the one that learns how it ended.

The row of the period is changed only where the cap allows it, and stays locked until the commit, so that several
nodes together never set aside more than the cap.
"""

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.event import (
    AnyEvent,
    Busy,
    Cancelled,
    Deferred,
    Delivered,
    GivenUp,
    NotThere,
    Refused,
    Undelivered,
    Unpaid,
)
from gateway.fax import Fax
from gateway.policy import CapReachedError, Period, Spend
from gateway.policy.spending import names
from gateway.store.tables import SET_ASIDE, SPENT

ROUNDING = 1e-6
"""By so much sums of prices may differ from what they should be."""

NOT_SENT = Deferred | NotThere | Refused | Busy | Unpaid | Cancelled
"""What costs nothing: FAX.PLUS did not take it, or nobody was reached."""


def set_aside(connection: Connection, fax: Fax, spend: Spend, now: float) -> None:
    """Set aside what a dialling will cost.

    Raises:
        CapReachedError: that is more than is left; the caller's whole work must be undone.
    """
    for period in spend.periods:
        _add(connection, period, spend.amount)
    row = {"fax_id": fax.id, "attempt": fax.attempt, "at": now, "amount": spend.amount}
    connection.execute(insert(SET_ASIDE).values(row))


def _add(connection: Connection, period: Period, amount: float) -> None:
    cap = float("inf") if period.cap is None else period.cap + ROUNDING
    there = postgresql.insert(SPENT) if connection.dialect.name == "postgresql" else sqlite.insert(SPENT)
    after = SPENT.c.amount + amount
    added = there.values(period=period.name, amount=amount).on_conflict_do_update(
        index_elements=[SPENT.c.period],
        set_={"amount": after},
        where=None if period.cap is None else after <= cap,
    )
    if amount > cap or connection.execute(added.returning(SPENT.c.amount)).first() is None:
        raise CapReachedError(period)


def settle(connection: Connection, before: Fax, event: AnyEvent) -> None:
    """Replace what was set aside for a dialling by what it did cost, if it has ended by this event.

    What nobody knows stays as it was set aside.
    """
    if not isinstance(event, NOT_SENT | Delivered | Undelivered | GivenUp):
        return
    ours = SET_ASIDE.c.fax_id == before.id, SET_ASIDE.c.attempt == before.attempt
    row = connection.execute(delete(SET_ASIDE).where(*ours).returning(SET_ASIDE.c.at, SET_ASIDE.c.amount)).first()
    if row is None:
        return
    cost = 0.0 if isinstance(event, NOT_SENT) else getattr(event, "cost", None)
    if cost is not None:
        more = update(SPENT).where(SPENT.c.period.in_(names(row.at)))
        connection.execute(more.values(amount=SPENT.c.amount + (cost - row.amount)))


def spent(connection: Connection, periods: Collection[str]) -> dict[str, float]:
    """Return what was spent in these periods, with what is set aside."""
    rows = connection.execute(select(SPENT.c.period, SPENT.c.amount).where(SPENT.c.period.in_(periods)))
    return dict.fromkeys(periods, 0.0) | {row.period: row.amount for row in rows}
