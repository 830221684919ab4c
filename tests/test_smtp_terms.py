"""What a listener offers beyond plain mail."""

from gateway.smtp.terms import Terms
from tests.values import NOW


def test_relays_get_reports_only() -> None:
    """DSN is offered everywhere."""

    assert ["DSN"] == Terms(now=NOW, largest=1000).keywords()


def test_authors_may_ask_for_a_time() -> None:
    """The latest release is told as a span and, by the clock of now, in UTC; the least time as seconds."""
    terms = Terms(now=NOW + 0.7, largest=1000, submission=True, longest_hold=30 * 86_400, shortest_by=300)

    assert ["DSN", "FUTURERELEASE 2592000 2027-02-14T08:00:00Z", "DELIVERBY 300"] == terms.keywords()
