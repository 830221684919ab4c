"""Asking FAX.PLUS about the account: each finding good and bad, and what to do about it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.config import Config
from gateway.configfile import SecretError
from gateway.livecheck import Finding, hook_target, look_at_account
from tests.simulated import hooked
from tests.workshop import Meddle, a_config, answering, not_meddling, workshop

SECRET = "a-secret-that-only-tests-know-0123456789"
URL = "https://fax.example.org"
TARGET = f"{URL}/faxplus/{SECRET}"
ACCOUNT, NUMBERS, HOOKS = "GET /v3/accounts/self", "GET numbers", "GET /v3/hooks"
NO_HISTORY = "the account keeps no history (save_history is off): no outcome can be learnt; switch it on at FAX.PLUS"
UNREADABLE = "the answer of FAX.PLUS could not be read (200: it does not say what it should)"
ALL_IS_WELL = [
    (True, "the token is valid"),
    (True, "the account is active"),
    (True, "the account keeps a history"),
    (True, "+12025550100 is ours and active"),
    (True, "the webhook is registered"),
]


def a_webhook(place: Path, **changed: Any) -> dict[str, Any]:
    """The section that asks for a webhook."""
    (place / "secret").touch(mode=0o600)
    (place / "secret").write_text(f"{SECRET}\n")
    return {"public_url": URL, "secret_file": str(place / "secret")} | changed


def found(
    place: Path,
    meddle: Meddle = not_meddling,
    targets: Sequence[str] = (TARGET,),
    webhook: dict[str, Any] | None = None,
    sender: Sequence[dict[str, Any]] = (),
    **settings: Any,
) -> list[tuple[bool, str]]:
    """What is found about a simulated account with these webhooks."""

    async def story() -> list[Finding]:
        wanted = a_webhook(place) if webhook is None else webhook
        async with workshop(place, {"webhook": wanted, "sender": sender}, **settings) as shop:
            for target in targets:
                hooked(shop.account, target=target)
            shop.way.meddle = meddle
            return await look_at_account(shop.config, shop.faxplus, shop.clock())

    return [(finding.good, finding.words) for finding in asyncio.run(story())]


def with_(place: int, finding: tuple[bool, str]) -> list[tuple[bool, str]]:
    """All is well but for one finding."""
    return [*ALL_IS_WELL[:place], finding, *ALL_IS_WELL[place + 1 :]]


def test_all_is_well(tmp_path: Path) -> None:
    """A token that opens, a number of ours, a history, a webhook."""

    assert ALL_IS_WELL == found(tmp_path)


def test_wrong_token(tmp_path: Path) -> None:
    """With a wrong token nothing else can be learnt."""
    words = (
        "FAX.PLUS could not be asked: FAX.PLUS does not accept the token; it is wrong or has expired"
        " (401 unauthorized: Invalid token)"
    )

    assert [(False, words)] == found(tmp_path, token="another")


def test_faxplus_is_down(tmp_path: Path) -> None:
    """Nobody there is not the same as a wrong token."""

    async def down(_request: httpx.Request) -> httpx.Response | None:
        raise httpx.ConnectError("no way")

    words = "FAX.PLUS could not be asked: FAX.PLUS cannot be reached (no way)"

    assert [(False, words)] == found(tmp_path, down)


@pytest.mark.parametrize(
    ("status", "asked"), [(500, False), (503, False), (429, False), (400, True), (401, True), (403, True), (404, True)]
)
def test_whether_it_was_asked_at_all(status: int, asked: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a table
    """An overloaded FAX.PLUS says nothing about our settings; a refusal does."""

    async def story() -> list[Finding]:
        async with workshop(tmp_path) as shop:
            shop.way.meddle = answering(ACCOUNT, status)
            return await look_at_account(shop.config, shop.faxplus, shop.clock())

    assert [(False, asked)] == [(finding.good, finding.asked) for finding in asyncio.run(story())]


@pytest.mark.parametrize(
    ("account", "place", "finding"),
    [
        ({"status": "suspended"}, 1, (False, "the account is suspended")),
        ({"status": ""}, 1, (False, "the account is in an unknown state")),
        (
            {"account_data": {"save_history": False}},
            2,
            (False, NO_HISTORY),
        ),
        ({"account_data": {}}, 2, (True, "the account does not say about history")),
    ],
)
def test_account(account: dict[str, Any], place: int, finding: tuple[bool, str], tmp_path: Path) -> None:
    """An account that cannot send, or of which no outcome can be learnt, is found out before the first fax."""
    usual = {"uid": "u1", "status": "active", "account_data": {"save_history": True}}

    assert with_(place, finding) == found(tmp_path, answering(ACCOUNT, usual | account))


def test_history_is_off(tmp_path: Path) -> None:
    """As the simulator says it."""

    assert with_(2, (False, NO_HISTORY)) == found(tmp_path, save_history=False)


def a_number(**changed: Any) -> dict[str, Any]:
    """The answer that lists one number."""
    usual = {"number": "+12025550100", "status": "active", "expiration_date": None}
    return {"numbers": [usual | changed]}


@pytest.mark.parametrize(
    ("numbers", "finding"),
    [
        (a_number(expiration_date="2100-01-01 00:00:00"), ALL_IS_WELL[3]),
        (a_number(expiration_date="2020-01-01 00:00:00"), (False, "+12025550100 cannot be used: it has expired")),
        (
            a_number(status="waiting_verification"),
            (False, "+12025550100 cannot be used: it is waiting_verification"),
        ),
        (a_number(status=None), (False, "+12025550100 cannot be used: it is in an unknown state")),
        (a_number(number="+12025550199"), (False, "+12025550100 is none of the account's: +12025550199")),
        ({"numbers": []}, (False, "+12025550100 is none of the account's: it has none")),
        (
            {"nonsense": []},
            (False, f"FAX.PLUS could not be asked: {UNREADABLE}"),
        ),
        (
            403,
            (False, "FAX.PLUS could not be asked: FAX.PLUS says that the token lacks a right (403)"),
        ),
    ],
)
def test_number(numbers: dict[str, Any] | int, finding: tuple[bool, str], tmp_path: Path) -> None:
    """The number we send from must be the account's and usable; what else is asked is asked all the same."""

    assert with_(3, finding) == found(tmp_path, answering(NUMBERS, numbers))


def test_number_of_somebody_else(tmp_path: Path) -> None:
    """As the simulator says it."""
    finding = (False, "+12025550100 is none of the account's: +12025550111, +12025550122")

    assert with_(3, finding) == found(tmp_path, numbers=("+12025550111", "+12025550122"))


@pytest.mark.parametrize(
    ("targets", "times"),
    [
        ([], 0),
        ([f"{TARGET}x"], 0),
        (["https://elsewhere.example.org/hook"], 0),
        ([TARGET, TARGET], 2),
        ([TARGET, "https://elsewhere.example.org/hook", TARGET, TARGET], 3),
    ],
)
def test_webhook_is_not_registered_once(targets: list[str], times: int, tmp_path: Path) -> None:
    """Missing, or there several times: the command that mends it is named, and the secret is not."""
    words = f"the webhook is registered {times} times instead of once; run `fax-gateway webhook register`"

    assert with_(4, (False, words)) == found(tmp_path, targets=targets)


def test_webhook_beside_others(tmp_path: Path) -> None:
    """Webhooks of other programs are none of our business."""

    assert ALL_IS_WELL == found(tmp_path, targets=["https://elsewhere.example.org/hook", TARGET])


@pytest.mark.parametrize("leaves_out", [{"public_url": None, "secret_file": None}, {"public_url": None}])
def test_no_webhook_is_wanted(leaves_out: dict[str, Any], tmp_path: Path) -> None:
    """A gateway that cannot be called from outside asks for everything, which is fine."""
    finding = (True, "no webhook is wanted; we ask for every outcome")

    assert with_(4, finding) == found(tmp_path, targets=(), webhook=a_webhook(tmp_path, **leaves_out))


def test_webhooks_cannot_be_listed(tmp_path: Path) -> None:
    """A token without the right to list webhooks is no reason to give up on the rest."""
    finding = (False, "FAX.PLUS could not be asked: FAX.PLUS says that the token lacks a right (403)")

    assert with_(4, finding) == found(tmp_path, answering(HOOKS, 403))


@pytest.mark.parametrize(
    ("url", "target"), [(URL, TARGET), (f"{URL}/", TARGET), (f"{URL}/fax/", f"{URL}/fax/faxplus/{SECRET}")]
)
def test_address_of_the_webhook(url: str, target: str, tmp_path: Path) -> None:
    """Our public address, the path, the secret; slashes at its end make no difference."""
    config = a_config(tmp_path, webhook=a_webhook(tmp_path, public_url=url))

    assert target == hook_target(config)


def test_secret_that_others_can_read(tmp_path: Path) -> None:
    """An address whose secret is none is never handed out."""
    config: Config = a_config(tmp_path, webhook=a_webhook(tmp_path))
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(SecretError, match="others can read"):
        hook_target(config)


def test_looking_changes_nothing(tmp_path: Path) -> None:
    """Every call only reads."""

    async def story() -> list[str]:
        async with workshop(tmp_path, {"webhook": a_webhook(tmp_path)}) as shop:
            await look_at_account(shop.config, shop.faxplus, shop.clock())
            return [call.partition(" ")[0] for call in shop.way.calls]

    assert {"GET"} == set(asyncio.run(story()))


def test_numbers_of_rules(tmp_path: Path) -> None:
    """Every number that faxes are sent from is looked at, once."""
    rules = [
        {"name": name, "networks": ["192.0.2.17"], "number": number}
        for name, number in (("a", "+12025550101"), ("b", "+12025550102"), ("c", "+12025550101"))
    ]
    findings = found(tmp_path, numbers=("+12025550100", "+12025550101"), sender=rules)

    assert [
        (True, "+12025550100 is ours and active"),
        (True, "+12025550101 is ours and active"),
        (False, "+12025550102 is none of the account's: +12025550100, +12025550101"),
    ] == findings[3:6]
