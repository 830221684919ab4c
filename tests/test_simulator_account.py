"""The account: what is seen when, under which ids, with which comments; and the same seed, the same history."""

from typing import Any

import pytest

from gateway.simulator import Account
from gateway.simulator.orders import FaxChange, FaxQuery, OutboxChange
from gateway.simulator.refusal import RefusedError
from tests.simulated import BUSY_TWICE, OURS, PDF, PLENTY, THEIRS, Clock, an_account, an_order, hooked, sent
from tests.values import NOW


def archive(account: Account, **query: Any) -> list[str]:
    """The ids that the archive lists."""
    return [attempt.fax_id for _, attempt in account.faxes(FaxQuery(**query))]


def refused(account: Account, **changed: Any) -> str:
    """The code with which such an order is refused."""
    with pytest.raises(RefusedError) as error:
        account.send(an_order(account, **changed))
    return error.value.error


def test_new_fax_is_not_visible_yet() -> None:
    """During the lag a new fax is neither listed, nor found, nor can it be changed or taken back; then it is there."""
    account, clock = an_account(visibility_lag=(30.0, 30.0))
    fax_id = sent(account)
    clock.at += 29.9
    listed = account.outbox()
    for early in (
        lambda: account.outbox_fax(fax_id),
        lambda: account.cancel(fax_id),
        lambda: account.change_outbox_fax(fax_id, OutboxChange(comment="x")),
        lambda: account.fax(fax_id),
    ):
        with pytest.raises(RefusedError, match="No such fax"):
            early()
    clock.at += 0.1

    assert [] == listed
    assert [fax_id] == [job.id for job in account.outbox()]


def test_lag_longer_than_the_fax() -> None:
    """A fax that ends within the lag never shows in the outbox, and in the archive only after the lag."""
    account, clock = an_account(visibility_lag=(200.0, 200.0))
    fax_id = sent(account)
    clock.at += 199.9
    early = (account.outbox(), archive(account))
    clock.at += 0.1

    assert ([], []) == early
    assert ([], [fax_id]) == (account.outbox(), archive(account))


def test_lag_is_drawn_between_its_ends() -> None:
    """Lags lie between the shortest and the longest, and differ."""
    account, _ = an_account(visibility_lag=(10.0, 30.0))
    for _ in range(50):
        sent(account)
    lags = [job.visible_at - NOW for job in account.jobs]

    assert 50 == len(set(lags))
    assert 10.0 <= min(lags) < 15.0
    assert 25.0 < max(lags) <= 30.0


def test_archive_lag() -> None:
    """Between outbox and archive a fax may be nowhere for a while."""
    account, clock = an_account(archive_lag=(20.0, 20.0))
    fax_id = sent(account)
    clock.at += 105.0 + 19.9
    nowhere = (account.outbox(), archive(account))
    clock.at += 0.1

    assert ([], []) == nowhere
    assert [fax_id] == archive(account)


@pytest.mark.parametrize("ids", ["equal", "differ"])
def test_ids(ids: str) -> None:
    """Sending returns the id of the outbox and of the session; that of the archive is the same, or is not."""
    account, clock = an_account(ids=ids)
    hooked(account)
    fax_id = sent(account)
    outbox_id = account.outbox()[0].id
    clock.at += PLENTY
    (call,) = account.calls_due(clock.at)
    (archived,) = archive(account)

    assert (fax_id, fax_id) == (outbox_id, call.body["data"]["id"])
    assert archived == call.body["hook"]["id"]
    assert (ids == "equal") == (archived == fax_id)
    assert archived == account.fax(archived)[1].fax_id
    assert PDF == account.document(fax_id)[0] == account.document(archived)[0]


def test_session_is_no_fax_when_ids_differ() -> None:
    """Where ids differ, the archive does not know the id that sending returned, nor the outbox that of the archive."""
    account, clock = an_account(ids="differ")
    ended, waiting = sent(account), sent(account, "+15552220090")
    clock.at += PLENTY
    archived = archive(account)

    assert [account.jobs[0].attempts[0].fax_id] == archived
    assert waiting == account.outbox_fax(waiting).id
    with pytest.raises(RefusedError, match="No such fax"):
        account.fax(ended)
    with pytest.raises(RefusedError, match="No such fax"):
        account.outbox_fax(account.jobs[1].attempts[0].fax_id)


@pytest.mark.parametrize(("kept", "comment"), [(True, "f1-1"), (False, "")])
def test_comment_in_the_archive(kept: bool, comment: str) -> None:  # noqa: FBT001  # the case of a table
    """The archive repeats the comment's text, or drops it."""
    account, clock = an_account(comment_kept=kept)
    fax_id = sent(account)
    clock.at += PLENTY

    assert comment == account.fax(fax_id)[1].comment


def test_comment_can_change() -> None:
    """Until it is sent the comment of a fax can change, later only in the archive; the token stays on record."""
    account, clock = an_account()
    fax_id = sent(account)
    account.change_outbox_fax(fax_id, OutboxChange(comment="second"))
    account.change_outbox_fax(fax_id, OutboxChange())
    clock.at += 10.0
    with pytest.raises(RefusedError, match="being sent"):
        account.change_outbox_fax(fax_id, OutboxChange(comment="too late"))
    clock.at += PLENTY
    archived = account.fax(fax_id)[1].comment
    account.change_fax(fax_id, FaxChange(comment="third", is_read=True))
    changed = account.fax(fax_id)[1]

    assert ("second", "third", True) == (archived, changed.comment, changed.is_read)
    assert "f1-1" == account.jobs[0].token


def test_cancel() -> None:
    """What was taken back in time is never sent, nor told, nor archived; it stays on record as cancelled."""
    account, clock = an_account()
    hooked(account)
    fax_id = sent(account)
    account.cancel(fax_id)
    clock.at += PLENTY

    assert ([], [], []) == (account.outbox(), archive(account), account.calls_due(clock.at))
    assert ("cancelled", True, NOW) == (account.jobs[0].status, account.jobs[0].cancelled, account.jobs[0].ended_at)


def test_cancel_too_late() -> None:
    """What is being sent, or has been, cannot be taken back."""
    account, clock = an_account()
    fax_id = sent(account)
    clock.at += 5.0
    with pytest.raises(RefusedError) as sending:
        account.cancel(fax_id)
    clock.at += PLENTY
    with pytest.raises(RefusedError) as gone:
        account.cancel(fax_id)

    assert (409, 404) == (sending.value.status, gone.value.status)
    assert "success" == account.jobs[0].status


def test_refusals() -> None:
    """Too many destinations, a number that is not ours and nothing to send are refused, and leave no trace."""
    account, _ = an_account(numbers=[OURS])
    many = [f"+1555{number:07}" for number in range(4001)]

    assert "too_many_destinations" == refused(account, to=many)
    assert "invalid_from" == refused(account, **{"from": "+12025550199"})
    assert "invalid_from" == refused(account, **{"from": "no_number"})
    assert "validation_error" == refused(account, files=[])
    assert "not_found" == refused(account, from_fax={"fax_id": "unknown"})
    assert [] == account.jobs
    assert 4000 == len(account.send(an_order(account, to=many[:4000])))


def test_account_without_numbers() -> None:
    """Who has no number sends from no_number."""
    account, _ = an_account(numbers=[])
    sent(account, **{"from": "no_number"})

    assert "no_number" == account.jobs[0].src


def many_sent() -> tuple[Account, Clock, list[str]]:
    """Sixty faxes, a minute apart, and their ids, the newest first."""
    account, clock = an_account()
    ids = []
    for number in range(60):
        ids.append(sent(account, f"+1555222{100 * (60 - number) + 55:04}", comment={"text": f"c{number:02}"}))
        clock.at += 60.0
    clock.at += PLENTY
    return account, clock, ids[::-1]


def test_paging() -> None:
    """The archive is listed page by page, fifty at a time unless asked otherwise, the newest first."""
    account, _, ids = many_sent()

    assert ids[:50] == archive(account)
    assert ids[50:] == archive(account, offset=50)
    assert ids[20:30] == archive(account, limit=10, offset=20)
    assert [] == archive(account, offset=60)


@pytest.mark.parametrize(
    ("query", "newest_first"),
    [
        ({"order": "asc"}, False),
        ({"sort_by": "comment", "order": "asc"}, False),
        ({"sort_by": "to", "order": "desc"}, False),
        ({"sort_by": "from"}, True),
        ({"sort_by": "pages"}, True),
    ],
)
def test_sorting(query: dict[str, str], newest_first: bool) -> None:  # noqa: FBT001  # the case of a table
    """The archive is sorted by what was asked for, equal ones by their time."""
    account, _, ids = many_sent()

    assert (ids if newest_first else ids[::-1]) == archive(account, limit=100, **query)


def test_filters() -> None:
    """Times count to the second, both ends included; inbox and spam are empty."""
    account, _, ids = many_sent()  # dialled 5 s after they were sent

    assert ids[57:60] == archive(account, before="2027-01-15 08:02:05")
    assert ids[:58] == archive(account, after="2027-01-15 08:02:05", limit=100)
    assert ids == archive(account, category="sent", limit=100)
    assert ([], []) == (archive(account, category="inbox"), archive(account, category="spam"))


def test_deleted_fax_is_gone() -> None:
    """A deleted fax is neither listed nor found, but stays on record for tests."""
    account, clock = an_account()
    fax_id = sent(account)
    clock.at += PLENTY
    account.delete_fax(fax_id)

    assert [] == archive(account)
    assert "success" == account.jobs[0].status
    with pytest.raises(RefusedError):
        account.fax(fax_id)


def test_no_history() -> None:
    """Without save_history nothing is kept in the archive, though faxes are sent and told."""
    account, clock = an_account(save_history=False)
    hooked(account)
    fax_id = sent(account)
    clock.at += PLENTY

    assert ([], 1) == (archive(account), len(account.calls_due(clock.at)))
    with pytest.raises(RefusedError):
        account.report(fax_id)


def test_each_attempt_is_archived() -> None:
    """With retries of the platform the archive holds every attempt."""
    account, clock = an_account()
    sent(account, BUSY_TWICE, options={"retry": {"count": 3, "delay": 0}})
    clock.at += PLENTY

    assert 3 == len(archive(account))


def test_documents() -> None:
    """PDF and TIFF come back as they were; of other files, which we cannot convert, a PDF tells the name."""
    account, clock = an_account()
    texts = [account.upload("letter.txt", "text/plain", b"hello")]
    ids = [sent(account), sent(account, files=texts)]
    clock.at += PLENTY
    text, media_type = account.document(ids[1])

    assert (PDF, "application/pdf") == account.document(ids[0])
    assert ("application/pdf", True) == (media_type, b"letter.txt" in text)
    assert b"status: success" in account.report(ids[0])


def history(seed: int, steps: int) -> list[Any]:
    """What a troubled account has done after an hour, looked at so many times meanwhile."""
    account, clock = an_account(
        seed=seed,
        ids="differ",
        visibility_lag=(0.0, 60.0),
        archive_lag=(0.0, 60.0),
        webhook_delay=(0.0, 600.0),
        webhook_loss=0.3,
        webhook_duplicates=0.3,
    )
    hooked(account)
    calls = []
    for number in range(20):
        sent(account, f"+1555222{number % 3}{number:03}", options={"retry": {"count": 2, "delay": 7}})
        for _ in range(steps):
            clock.at += 60.0 / steps
            account.outbox()
            archive(account)
            calls += account.calls_due(clock.at)
    clock.at += PLENTY
    calls += account.calls_due(clock.at)
    return [*[job.snapshot() for job in account.jobs], *calls]


def test_same_seed_same_history() -> None:
    """The same seed makes the same history however often one looks; another seed makes another."""

    assert history(3, steps=1) == history(3, steps=12)
    assert history(3, steps=1) != history(4, steps=1)


def test_clock_set_back() -> None:
    """When the clock is set back nothing is undone, and nothing happens until it has caught up."""
    account, clock = an_account()
    sent(account)
    clock.at += PLENTY
    account.advance()
    clock.at -= 2 * PLENTY
    later = sent(account, THEIRS)

    assert "success" == account.jobs[0].status
    assert "submitted" == account.outbox_fax(later).outbox_status
