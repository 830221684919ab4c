"""Webhooks: who is called, with what, and what may happen to a call; clock by hand, chance by seed."""

from typing import Any

import pytest

from gateway.simulator.orders import epoch
from gateway.simulator.refusal import RefusedError
from tests.simulated import BUSY_TWICE, OURS, PLENTY, THEIRS, an_account, hooked, sent

COUNT = 200


def statuses(calls: list[Any]) -> list[str]:
    """What was told, in order."""
    return [call.body["data"]["status"] for call in calls]


def told(seed: int = 1, **settings: Any) -> list[Any]:
    """The calls about many faxes, taken all at once in the end."""
    account, clock = an_account(seed=seed, seconds_to_convert=0, seconds_per_page=0, **settings)
    hooked(account)
    for _ in range(COUNT):
        sent(account)
        clock.at += 1.0
    clock.at += 10 * PLENTY
    return account.calls_due(clock.at)


def test_calls_come_when_the_fax_has_ended() -> None:
    """Nothing is told before the end, then once."""
    account, clock = an_account()
    hooked(account)
    sent(account)  # 5 s to convert, 10 s to set up, 2 pages of 45 s
    clock.at += 104.9
    early = account.calls_due(clock.at)
    clock.at += 0.1

    assert ([], ["success"], []) == (
        early,
        statuses(account.calls_due(clock.at)),
        statuses(account.calls_due(clock.at)),
    )


def test_what_a_call_tells() -> None:
    """A call carries what the documents show, with numbers written for people."""
    account, clock = an_account(numbers=["+13343040000"])
    hooked(account, target="https://gw.example.net/hook")
    fax_id = sent(account, "+13343040100", **{"from": "+13343040000"})
    clock.at += PLENTY
    (call,) = account.calls_due(clock.at)
    file = call.body["data"].pop("file")

    assert "https://gw.example.net/hook" == call.target
    assert {
        "id": fax_id,
        "event": "fax_sent",
        "event_time": "2027-01-15 08:01:45",
        "target": "https://gw.example.net/hook",
    } == call.body["hook"]
    assert {
        "id": fax_id,
        "uid": account.settings.uid,
        "pages": 2,
        "from": "+1 334-304-0000",
        "to": "+1 334-304-0100",
        "start_time": "2027-01-15 08:00:05",
        "file_name": "fax-to-13343040100",
        "status": "success",
        "cost": 2,
    } == call.body["data"]
    assert file.endswith(".tiff")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"number_keys": "from_number"}, {"from_number": "+1 202-555-0100", "to_number": "+1 555-123-4567"}),
        ({"pretty_numbers": False}, {"from": OURS, "to": THEIRS}),
    ],
)
def test_spelling_of_numbers(settings: dict[str, Any], expected: dict[str, str]) -> None:
    """Keys and writing of numbers follow the settings."""
    account, clock = an_account(**settings)
    hooked(account)
    sent(account)
    clock.at += PLENTY
    (call,) = account.calls_due(clock.at)

    assert expected == {key: value for key, value in call.body["data"].items() if key.startswith(("from", "to"))}


def test_number_of_no_country() -> None:
    """A number that belongs to no country is told as it is."""
    account, clock = an_account()
    hooked(account)
    sent(account, "+99912345600")
    clock.at += PLENTY

    assert "+99912345600" == account.calls_due(clock.at)[0].body["data"]["to"]


def test_filter_of_numbers() -> None:
    """A webhook for some numbers hears only of faxes sent from them; one for received faxes hears nothing."""
    account, clock = an_account(numbers=[OURS, "+12025550101"])
    hooked(account, numbers=["+12025550101"], target="http://127.0.0.1:9/other")
    hooked(account, event="fax_received", target="http://127.0.0.1:9/received")
    hooked(account)
    sent(account)
    clock.at += PLENTY

    assert ["http://127.0.0.1:9/hook"] == [call.target for call in account.calls_due(clock.at)]


def test_removed_webhook_is_silent() -> None:
    """Who took their registration back is not called, and cannot take it back twice."""
    account, clock = an_account()
    hook_id = hooked(account)
    account.remove_hook(hook_id)
    sent(account)
    clock.at += PLENTY

    assert ([], []) == (account.hooks("fax_sent"), account.calls_due(clock.at))
    with pytest.raises(RefusedError, match="No such webhook"):
        account.remove_hook(hook_id)


def test_failures_may_go_untold() -> None:
    """Under one reading of the documents only success is told."""
    account, clock = an_account(webhook_on_failure=False)
    hooked(account)
    sent(account, BUSY_TWICE, options={"retry": {"count": 3, "delay": 0}})
    clock.at += PLENTY

    assert ["success"] == statuses(account.calls_due(clock.at))


def test_delay() -> None:
    """Each call comes late by something between the shortest and the longest delay."""
    calls = told(webhook_delay=(5.0, 50.0))
    late = [call.due_at - epoch(call.body["hook"]["event_time"]) for call in calls]

    assert sorted(call.due_at for call in calls) == [call.due_at for call in calls]
    assert COUNT == len({call.body["data"]["id"] for call in calls})
    assert 5.0 <= min(late) < 10.0
    assert 45.0 < max(late) <= 50.0


def test_loss() -> None:
    """About so many calls are lost, or all of them."""

    assert COUNT * 0.4 < len(told(webhook_loss=0.5)) < COUNT * 0.6
    assert 0 == len(told(webhook_loss=1.0))


def test_duplicates() -> None:
    """About so many calls come twice, word for word."""
    calls = told(webhook_duplicates=0.5)
    once = {str(call.body) for call in calls}

    assert COUNT == len(once)
    assert COUNT * 1.4 < len(calls) < COUNT * 1.6


def test_wrong_order() -> None:
    """Some calls are overtaken by later ones; none is lost."""
    times = [call.body["hook"]["event_time"] for call in told(webhook_reorder=0.2)]

    assert COUNT == len(times)
    assert sorted(times) != times


def test_attempts_told_in_the_wrong_order() -> None:
    """The last attempt's success can be told before the first one's failure."""
    account, clock = an_account(webhook_reorder=1.0, webhook_overtaken_by=600.0)
    hooked(account)
    sent(account, "+15552220101", options={"retry": {"count": 1, "delay": 0}})
    clock.at += 10.0  # busy by now: its call is held back
    account.advance()
    account.settings = account.settings.model_copy(update={"webhook_reorder": 0.0})
    clock.at += PLENTY

    assert ["success", "failed_user_busy"] == statuses(account.calls_due(clock.at))


def test_same_seed_same_calls() -> None:
    """Chance is the seed's: the same one makes the same calls, another one others."""
    nuisances = {"webhook_loss": 0.2, "webhook_duplicates": 0.2, "webhook_reorder": 0.2, "webhook_delay": (0.0, 60.0)}

    assert told(seed=5, **nuisances) == told(seed=5, **nuisances)
    assert told(seed=5, **nuisances) != told(seed=6, **nuisances)
