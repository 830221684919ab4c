"""The life of a fax on the telephone side, with the clock moved by hand."""

import pytest

from gateway.simulator.behaviour import ENDINGS
from gateway.simulator.refusal import RefusedError
from tests.simulated import BUSY_TWICE, OURS, PLENTY, THEIRS, an_account, an_order, hooked, sent
from tests.values import NOW

ENDING = [code for code, one in ENDINGS.items() if one.ends]


def test_stages_of_a_fax() -> None:
    """A fax is submitted, converted, scheduled, sent, and then leaves the outbox; converting counts its pages."""
    account, clock = an_account(seconds_to_convert=10.0, seconds_per_page=30.0)
    fax_id = sent(account)
    seen = []
    for at in (0.0, 2.0, 9.9, 10.0, 79.9):  # 10 s to convert, 10 s to set the call up, 2 pages of 30 s
        clock.at = NOW + at
        seen.append(account.outbox_fax(fax_id).outbox_status)
    clock.at = NOW + 80.0

    assert ["submitted", "converting", "converting", "sending", "sending"] == seen
    assert [] == account.outbox()
    assert (NOW + 80.0, "success") == (account.jobs[0].ended_at, account.jobs[0].status)


def test_speed() -> None:
    """At ten times the speed the same fax takes a tenth of the time, but is billed the same seconds on the line."""
    account, clock = an_account(seconds_to_convert=10.0, seconds_per_page=30.0, speed=10.0)
    fax_id = sent(account)
    clock.at += 8.0

    assert 70.0 == account.fax(fax_id)[1].duration
    assert NOW + 8.0 == account.jobs[0].ended_at


@pytest.mark.parametrize("code", ENDING)
def test_every_ending_is_reached(code: int) -> None:
    """Each number leads to its status, with a description, the pages that went out, and their price."""
    account, clock = an_account()
    hooked(account)
    fax_id = sent(account, f"+1555222{code:04}")
    clock.at += PLENTY
    _, attempt = account.fax(fax_id)
    calls = account.calls_due(clock.at)

    assert (ENDINGS[code].status, True) == (account.jobs[0].status, account.jobs[0].over)
    assert [ENDINGS[code].status] == [call.body["data"]["status"] for call in calls]
    assert {"success": 2, "partially_sent": 1, "partially_received": 1}.get(attempt.status, 0) == attempt.pages
    assert (attempt.status == "success") == (attempt.ending.description == "OK")
    assert 1_000_000.0 - attempt.pages == account.balance()


def test_outbox_for_ever() -> None:
    """A fax to 90 stays in the outbox as sending; it is never told, never over, and cannot be taken back."""
    account, clock = an_account()
    hooked(account)
    fax_id = sent(account, "+15552220090")
    clock.at += 1000 * PLENTY

    assert "sending" == account.outbox_fax(fax_id).outbox_status
    assert (False, "", []) == (account.jobs[0].over, account.jobs[0].status, account.calls_due(clock.at))
    with pytest.raises(RefusedError, match="being sent"):
        account.cancel(fax_id)


def test_in_progress_for_ever() -> None:
    """A fax to 91 leaves the outbox and is in the archive as in_progress; it is never told and never over."""
    account, clock = an_account()
    hooked(account)
    fax_id = sent(account, "+15552220091")
    clock.at += 1000 * PLENTY

    assert ([], "in_progress") == (account.outbox(), account.fax(fax_id)[1].status)
    assert (False, "", []) == (account.jobs[0].over, account.jobs[0].status, account.calls_due(clock.at))


def test_busy_twice_over_three_faxes() -> None:
    """A number that is busy twice lets the third fax through, counted in the order of dialling."""
    account, clock = an_account()
    for _ in range(3):
        sent(account, BUSY_TWICE)
        clock.at += PLENTY
    account.advance()

    assert ["failed_user_busy", "failed_user_busy", "success"] == [job.status for job in account.jobs]


@pytest.mark.parametrize(
    ("count", "statuses"),
    [
        (0, ["failed_user_busy"]),
        (1, ["failed_user_busy", "failed_user_busy"]),
        (3, ["failed_user_busy", "failed_user_busy", "success"]),
    ],
)
def test_retries_of_the_platform(count: int, statuses: list[str]) -> None:
    """Asked to retry, the platform dials again until it works; each attempt is told, with both ids."""
    account, clock = an_account()
    hooked(account)
    fax_id = sent(account, BUSY_TWICE, options={"retry": {"count": count, "delay": 30}})
    clock.at += PLENTY
    calls = [call.body for call in account.calls_due(clock.at)]
    attempts = [attempt.fax_id for attempt in account.jobs[0].attempts]

    assert statuses == [call["data"]["status"] for call in calls]
    assert {fax_id} == {call["data"]["id"] for call in calls}
    assert attempts == [call["hook"]["id"] for call in calls]
    assert (fax_id, len(statuses)) == (attempts[0], len(set(attempts)))
    assert statuses[-1] == account.jobs[0].status
    assert attempts[-1] == account.fax(fax_id)[1].fax_id


def test_retries_keep_the_fax_in_the_outbox() -> None:
    """Between two attempts the fax is scheduled in the outbox, where it can still be taken back."""
    account, clock = an_account()
    fax_id = sent(account, BUSY_TWICE, options={"retry": {"count": 1, "delay": 30}})
    clock.at += 5.0 + 4.0 + 1.0
    between = account.outbox_fax(fax_id).outbox_status
    account.cancel(fax_id)
    clock.at += PLENTY
    account.advance()

    assert "scheduled_for_sending" == between
    assert ("cancelled", 1) == (account.jobs[0].status, len(account.jobs[0].attempts))


def test_permanent_failures_are_not_retried() -> None:
    """A number that does not exist is dialled once, however many retries are asked for."""
    account, clock = an_account()
    sent(account, "+15552220008", options={"retry": {"count": 3, "delay": 0}})
    clock.at += PLENTY
    account.advance()

    assert (1, "failed_unallocated_number") == (len(account.jobs[0].attempts), account.jobs[0].status)


def test_default_retries_of_the_account() -> None:
    """A fax without options inherits the account's retries; one that names none has none."""
    account, clock = an_account(default_retry_count=1)
    sent(account, "+15552220001")
    sent(account, "+15552220001", options={"retry": {"count": 0, "delay": 0}})
    clock.at += PLENTY
    account.advance()

    assert [2, 1] == [len(job.attempts) for job in account.jobs]


def test_credit_is_used_up() -> None:
    """When the pages are more than the credit, the fax fails for it; topped up, sending goes on."""
    account, clock = an_account(balance=3.0)
    for _ in range(2):
        sent(account)
        clock.at += PLENTY
    account.advance()
    account.settings = account.settings.model_copy(update={"balance": 10.0})
    sent(account)
    clock.at += PLENTY

    assert 6.0 == account.balance()
    assert ["success", "insufficient_credit", "success"] == [job.status for job in account.jobs]


@pytest.mark.parametrize(
    ("send_time", "dialled_after"),
    [("2027-01-15 09:10:00 +0100", 600.0), ("2027-01-15 08:00:01 +0000", 5.0), ("2020-01-01 00:00:00 +0000", 5.0)],
)
def test_send_time(send_time: str, dialled_after: float) -> None:
    """A time in the future is waited for; one in the past is ignored."""
    account, clock = an_account()
    sent(account, send_time=send_time)
    clock.at += PLENTY
    account.advance()

    assert NOW + dialled_after == account.jobs[0].attempts[0].started_at


def test_one_number_of_several() -> None:
    """Of several source numbers one is chosen for each destination, and all are chosen in time."""
    other = "+12025550101"
    account, _ = an_account(numbers=[OURS, other])
    for _ in range(20):
        sent(account, THEIRS, **{"from": f"{OURS}, {other}"})

    assert {OURS, other} == {job.src for job in account.jobs}


def test_many_destinations() -> None:
    """One order to several numbers makes one fax for each, with an id for each."""
    account, clock = an_account()
    ids = account.send(an_order(account, to=[THEIRS, "+15552220001"]))
    clock.at += PLENTY

    assert {THEIRS: "success", "+15552220001": "failed_user_busy"} == {
        to: account.fax(fax_id)[1].status for to, fax_id in ids.items()
    }


def test_cover_page_is_a_page() -> None:
    """A cover page is sent and billed with the rest."""
    account, clock = an_account()
    fax_id = sent(account, cover_page={"name_to": "A", "name_from": "B", "subject": "C"})
    clock.at += PLENTY

    assert 3 == account.fax(fax_id)[1].pages


def test_document_of_an_earlier_fax() -> None:
    """The document of an earlier fax is sent once more, with its pages."""
    account, clock = an_account()
    fax_id = sent(account)
    clock.at += PLENTY
    again = sent(account, files=[], from_fax={"fax_id": fax_id})
    clock.at += PLENTY

    assert ("success", 2) == (account.fax(again)[1].status, account.fax(again)[1].pages)
