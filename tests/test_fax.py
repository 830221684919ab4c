"""The life of a fax: the table is total, and every event does what it says and nothing else."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.event import (
    Accepted,
    AnyEvent,
    Busy,
    Cancelled,
    Claimed,
    Deferred,
    Delivered,
    GivenUp,
    Late,
    NotSeen,
    NotThere,
    Refused,
    Resent,
    StillSending,
    Undelivered,
    Unpaid,
)
from gateway.fax import FINAL, NEXT, UNKNOWN, Fax, ImpossibleError, State, advance
from tests.values import NOW, a_fax

EVENTS: tuple[AnyEvent, ...] = (
    Claimed(look_at=NOW + 120),
    Accepted(remote_ids=("r1",), ask_at=NOW + 60),
    Deferred(retry_at=NOW + 10, reason="503"),
    Refused(reason="too large"),
    NotSeen(look_at=NOW + 60, counts=True),
    NotThere(retry_at=NOW),
    StillSending(ask_at=NOW + 60, status="sending"),
    Busy(status="failed_user_busy", redial_at=NOW + 120),
    Unpaid(status="insufficient_credit", retry_at=NOW + 60),
    Delivered(pages=2, duration=30.0, cost=2.0),
    Undelivered(status="failed_unallocated_number"),
    Late(reason="the line was busy"),
    GivenUp(reason="a day has passed"),
    Cancelled(reason="by the operator"),
    Resent(retry_at=NOW),
)


def in_state(state: State) -> Fax:
    """A fax in that state, with what it would have by then."""
    return a_fax(state=state, version=7, claimed_at=NOW - 5, due_at=None if state in FINAL else NOW)


def test_every_event_is_tried() -> None:
    """The list that these tests walk names every event there is."""

    assert set(get_args(AnyEvent)) == {type(event) for event in EVENTS}


def test_every_state_has_its_line() -> None:
    """The table has a line for every state, and leads only to states."""

    assert set(State) == set(NEXT)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("state", State)
def test_table_is_total(state: State, event: AnyEvent) -> None:
    """Every event in every state either leads where the table says, or is refused loudly."""
    fax = in_state(state)
    if type(event) not in NEXT[state]:
        with pytest.raises(ImpossibleError):
            advance(fax, event, NOW)
        return

    after = advance(fax, event, NOW)

    assert NEXT[state][type(event)] == after.state
    assert fax.version + 1 == after.version
    assert event.reason == after.reason
    assert after.final == (after.due_at is None)
    assert after.final == (after.ended_at is not None)


def test_delivered_only_from_submitted() -> None:
    """Nothing but FAX.PLUS's word about a fax that it has makes a fax delivered."""
    ways = {(state, event) for state, events in NEXT.items() for event, after in events.items() if after == "delivered"}

    assert {(State.SUBMITTED, Delivered)} == ways


def test_only_the_operator_reopens() -> None:
    """What is final stays final, unless the operator resends it; what was delivered stays delivered."""

    assert {} == NEXT[State.DELIVERED]
    assert {Resent} == set(NEXT[State.FAILED]) | set(NEXT[State.CANCELLED])


def test_no_way_back_from_submitting_without_knowledge() -> None:
    """A fax whose POST may have arrived returns to the queue only when it surely did not."""
    ways = {event for event, after in NEXT[State.SUBMITTING].items() if after is State.QUEUED}

    assert {Deferred, NotThere} == ways


def test_a_new_dialling_has_a_new_token() -> None:
    """After busy, the next dialling is not mistaken for the last: new token, no old ids."""
    fax = a_fax(state=State.SUBMITTED, remote_ids=("r1",), asks=3)

    after = advance(fax, Busy(status="failed_user_busy", redial_at=NOW + 120), NOW)

    assert ("f1-1", "f1-2") == (fax.token, after.token)
    assert ((), 0, 1) == (after.remote_ids, after.asks, after.redials)


def test_the_same_dialling_keeps_its_token() -> None:
    """What never reached FAX.PLUS is submitted again under the same token, so that a late sight of it is recognised."""
    fax = a_fax(state=State.SUBMITTING, claimed_at=NOW)

    assert fax.token == advance(fax, NotThere(retry_at=NOW), NOW).token
    assert fax.token == advance(fax, Deferred(retry_at=NOW), NOW).token


def test_given_up_in_doubt_is_unknown() -> None:
    """Giving up on what FAX.PLUS may have is an unknown outcome; giving up in the queue is not."""
    outcomes = {
        state: advance(a_fax(state=state), GivenUp(), NOW).status
        for state in (State.QUEUED, State.SUBMITTING, State.SUBMITTED)
    }

    assert {State.QUEUED: "", State.SUBMITTING: UNKNOWN, State.SUBMITTED: UNKNOWN} == outcomes


def test_late_changes_nothing_but_that_it_was_told() -> None:
    """A fax whose sender was told that it is late goes on exactly as planned; resent, it may be late anew."""
    fax = a_fax(state=State.SUBMITTED, asks=3)

    after = advance(fax, Late(), NOW + 3600)

    assert replace(fax, late_at=NOW + 3600, version=1) == after
    assert advance(a_fax(state=State.FAILED, late_at=NOW), Resent(retry_at=NOW), NOW).late_at is None


def test_a_clock_that_was_set_back() -> None:
    """A claim from the future counts from now on."""
    fax = a_fax(state=State.SUBMITTING, claimed_at=NOW + 9999)

    after = advance(fax, NotSeen(look_at=NOW + 120, counts=False, claimed_at=NOW), NOW)

    assert (NOW, 0, NOW + 120) == (after.claimed_at, after.looks, after.due_at)


def test_credit_costs_no_redial() -> None:
    """A fax that waits for the operator's money keeps its redials."""
    after = advance(a_fax(state=State.SUBMITTED), Unpaid(status="insufficient_credit", retry_at=NOW + 60), NOW)

    assert (0, 2) == (after.redials, after.attempt)


def test_resent_starts_anew() -> None:
    """A resent fax has all its redials and all its time, and a new token."""
    fax = a_fax(state=State.FAILED, redials=2, attempt=3, status="failed_user_busy", due_at=None, ended_at=NOW)

    after = advance(fax, Resent(retry_at=NOW + 5), NOW + 5)

    assert (0, 4, "", NOW + 5, None) == (after.redials, after.attempt, after.status, after.queued_at, after.ended_at)


@given(st.lists(st.sampled_from(EVENTS), max_size=40))
def test_any_life(events: list[AnyEvent]) -> None:
    """Whatever happens in whatever order: versions grow by one, and a fax is due exactly until it is final."""
    fax = a_fax()
    for event in events:
        if type(event) in NEXT[fax.state]:
            before, fax = fax, advance(fax, event, NOW)

            assert before.version + 1 == fax.version
            assert fax.final == (fax.due_at is None)
