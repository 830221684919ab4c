"""Time: waits follow their tables, the fence is narrower than the quarantine, giving up counts from the claim."""

import pytest

from gateway.config import ScheduleSettings
from gateway.fax import State
from gateway.schedule import SPREAD, Schedule
from tests.values import NOW, a_fax

SETTINGS = ScheduleSettings()
SCHEDULE = Schedule(SETTINGS, (120.0, 600.0))


@pytest.mark.parametrize(("asks", "wait"), [(0, 60), (1, 60), (3, 120), (5, 600), (50, 600)])
def test_ask_at(asks: int, wait: float) -> None:
    """Questions grow rarer by the table, whose last wait repeats."""

    assert NOW + wait == SCHEDULE.ask_at(a_fax(asks=asks), NOW)


@pytest.mark.parametrize(("deferrals", "wait"), [(0, 10), (1, 30), (99, 600)])
def test_retry_at(deferrals: int, wait: float) -> None:
    """Retries follow the table and are spread a little, never early."""
    at = SCHEDULE.retry_at(a_fax(deferrals=deferrals), NOW)

    assert NOW + wait <= at <= NOW + wait * (1 + SPREAD)


def test_retry_after_is_honoured() -> None:
    """Never earlier than FAX.PLUS asked for."""

    assert SCHEDULE.retry_at(a_fax(), NOW, retry_after=500) >= NOW + 500


def test_spread_differs() -> None:
    """Faxes that failed together do not come back together."""
    waits = {SCHEDULE.retry_at(a_fax(id=f"f{number}"), NOW) for number in range(50)}

    assert len(waits) > 25


def test_redials_run_out() -> None:
    """Two redials by default, then none."""
    first, second, third = (SCHEDULE.redial_at(a_fax(redials=redials), NOW) for redials in range(3))

    assert first is not None
    assert second is not None
    assert 120 <= first - NOW <= 132
    assert 600 <= second - NOW <= 660
    assert third is None


@pytest.mark.parametrize(("age", "allowed"), [(0, True), (30, True), (31, False), (120, False), (-1, False)])
def test_fence(age: float, allowed: bool) -> None:  # noqa: FBT001  # a column of the table
    """A claim may be posted only while nobody can be looking for it, whichever way the clock went."""
    fax = a_fax(state=State.SUBMITTING, claimed_at=NOW)

    assert allowed == SCHEDULE.may_post(fax, NOW + age)


def test_unclaimed_is_never_posted() -> None:
    """Without a claim on record there is no POST."""

    assert not SCHEDULE.may_post(a_fax(claimed_at=None), NOW)


def test_looks() -> None:
    """One look proves nothing, the second does."""

    assert not SCHEDULE.looked_enough(a_fax(looks=0))
    assert SCHEDULE.looked_enough(a_fax(looks=1))


@pytest.mark.parametrize("state", [State.SUBMITTING, State.SUBMITTED])
def test_over_counts_from_the_claim(state: State) -> None:
    """A fax that FAX.PLUS has, or may have, is given its whole time from its claim on."""
    fax = a_fax(state=state, queued_at=NOW - 80_000, claimed_at=NOW)

    assert not SCHEDULE.over(fax, NOW + 80_000)
    assert SCHEDULE.over(fax, NOW + 86_400)


def test_over_counts_from_the_queue() -> None:
    """A fax that waits is given its whole time from when it was accepted or resent."""

    assert SCHEDULE.over(a_fax(queued_at=NOW - 86_400), NOW)
    assert not SCHEDULE.over(a_fax(queued_at=NOW - 86_399), NOW)


def test_over_by_what_was_waited() -> None:
    """With a clock that was set back, a fax is over when its waits add up to the whole time."""
    ahead = NOW + 365 * 86_400

    assert not SCHEDULE.over(a_fax(queued_at=ahead, deferrals=100), NOW)
    assert SCHEDULE.over(a_fax(queued_at=ahead, deferrals=150), NOW)
    assert not SCHEDULE.over(a_fax(state=State.SUBMITTED, claimed_at=ahead, asks=100), NOW)
    assert SCHEDULE.over(a_fax(state=State.SUBMITTED, claimed_at=ahead, asks=150), NOW)


def test_late() -> None:
    """An hour by default; and a claim is left alone until its POST has surely ended."""

    assert NOW - 3600 == SCHEDULE.late_before(NOW)
    assert NOW - 120 == SCHEDULE.at_rest_before(NOW)


def test_astray() -> None:
    """No wait of ours is called astray, and a jump of hours is."""
    longest = SCHEDULE.retry_at(a_fax(deferrals=99), NOW, retry_after=3600)

    assert max(longest, SCHEDULE.aside_until(NOW)) < SCHEDULE.astray_after(NOW) <= NOW + 6 * 3600


def test_notices() -> None:
    """Notices follow their own table and are given up after five days."""

    assert NOW + 30 == SCHEDULE.notice_at(1, NOW)
    assert NOW + 3600 == SCHEDULE.notice_at(99, NOW)
    assert SCHEDULE.notice_over(NOW, NOW + 5 * 86_400)
    assert not SCHEDULE.notice_over(NOW, NOW + 86_400)


BY = NOW + 1000


@pytest.mark.parametrize(
    ("fax", "after", "missed"),
    [
        ({"by_mode": "R"}, 999, False),
        ({"by_mode": "R"}, 1000, True),
        ({"by_mode": "N"}, 1000, False),
        ({"by_mode": "R", "state": State.SUBMITTING, "claimed_at": NOW + 900}, 1000, False),
        ({"by_mode": "R", "state": State.SUBMITTED, "claimed_at": NOW + 900}, 1000, False),
        ({"by_mode": "R", "queued_at": NOW + 1001}, 2000, False),
        ({"by_mode": "R", "queued_at": NOW + 999}, 2000, True),
        ({"by_mode": "R", "queued_at": NOW + 5000, "by_at": NOW + 6000}, 0, False),
    ],
    ids=[
        "in time",
        "over",
        "only told",
        "in doubt",
        "with FAX.PLUS",
        "resent after",
        "resent before",
        "clock set back",
    ],
)
def test_the_time_that_its_sender_gave(fax: dict[str, object], after: float, *, missed: bool) -> None:
    """What waits is given up at its sender's time; what is under way comes to its end, as if there were none."""
    given = a_fax(**{"by_at": BY} | fax)

    assert missed == SCHEDULE.missed(given, NOW + after)
    assert missed == SCHEDULE.over(given, NOW + after)


def test_our_time_may_be_shorter() -> None:
    """A sender may give more time than we take; then ours counts."""
    patient = a_fax(by_at=NOW + 2 * 86_400, by_mode="R")

    assert SCHEDULE.over(patient, NOW + 86_400)
    assert not SCHEDULE.missed(patient, NOW + 86_400)
    assert NOW + 86_400 == SCHEDULE.gives_up_at(patient)


def test_gives_up_at() -> None:
    """Who is told that a fax is late is told until when it is tried."""

    assert BY == SCHEDULE.gives_up_at(a_fax(by_at=BY, by_mode="R"))
    assert NOW + 86_400 == SCHEDULE.gives_up_at(a_fax(by_at=BY, by_mode="N"))
    assert NOW + 86_410 == SCHEDULE.gives_up_at(
        a_fax(by_at=BY, by_mode="R", state=State.SUBMITTED, claimed_at=NOW + 10)
    )


def test_no_wait_leads_beyond_its_time() -> None:
    """Whatever a fax waits for, it is looked at when its sender's time is over; then it waits no more."""
    hasty = a_fax(by_at=NOW + 5, by_mode="R")

    assert NOW + 5 == SCHEDULE.retry_at(hasty, NOW, retry_after=3600)
    assert NOW + 5 == SCHEDULE.redial_at(hasty, NOW)
    assert NOW + 6 == SCHEDULE.retry_at(hasty, NOW + 6)
    assert SCHEDULE.retry_at(a_fax(by_at=NOW + 5, by_mode="N"), NOW) >= NOW + 10


def test_held_back_for_long() -> None:
    """The time of a fax counts from when its sender lets it go."""
    held = a_fax(created_at=NOW - 30 * 86_400, queued_at=NOW)

    assert not SCHEDULE.over(held, NOW)
    assert held.queued_at > SCHEDULE.late_before(NOW)
