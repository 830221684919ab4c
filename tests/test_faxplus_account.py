"""What FAX.PLUS says about the account."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given

from gateway.faxplus.account import (
    Account,
    Balance,
    FaxNumber,
    Hook,
    read_account,
    read_balance,
    read_hooks,
    read_numbers,
)
from tests.foreign import JSON
from tests.values import NOW

PATHS = yaml.safe_load((Path(__file__).parent / "data" / "faxplus-openapi.yaml").read_text())["paths"]


def example(path: str) -> object:
    """The written example of what a path answers."""
    written: object = PATHS[path]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    return written


def test_examples() -> None:
    """The written examples are read."""
    account = Account("7724157c0974440293e45877c57f0703", "active", "corporate_admin", saves_history=True)

    assert account == read_account(example("/accounts/{user_id}"))
    assert (FaxNumber("16699990000", "active", None),) == read_numbers(example("/accounts/{user_id}/numbers"))
    hook = Hook("5f1f3c0a9d", "https://gw.example.net/hook/s3cr3t", "fax_sent")
    assert (hook,) == read_hooks(example("/hooks"))
    assert Balance(12.5, "USD") == read_balance(example("/shop/balance"))


@pytest.mark.parametrize(
    ("number", "usable"),
    [
        (FaxNumber("1", "active", None), True),
        (FaxNumber("1", "active", NOW + 1), True),
        (FaxNumber("1", "active", NOW), False),
        (FaxNumber("1", "waiting_verification", None), False),
        (FaxNumber("1", "", None), False),
    ],
)
def test_usable(number: FaxNumber, *, usable: bool) -> None:
    """Faxes go out from a number that is active and has not expired."""

    assert usable == number.usable(NOW)


def test_partly_readable() -> None:
    """What can be read of a list is; a history that is not mentioned is neither kept nor not kept."""

    assert (Hook("1", "http://x", ""),) == read_hooks({"data": [{"id": "1", "target": "http://x"}, {"id": "2"}, None]})
    assert (FaxNumber("1", "", None),) == read_numbers({"numbers": [{"number": "+1", "expiration_date": "never"}, {}]})
    assert Account("u", "", "", saves_history=None) == read_account({"uid": "u", "account_data": 7})
    assert Balance(None, "") == read_balance({"amount": "a lot"})


@given(JSON)
def test_anything(raw: object) -> None:
    """No JSON makes the readers stumble."""
    for read in (read_account, read_balance, read_hooks, read_numbers):
        read(raw)
        read({"data": raw, "numbers": raw, "uid": raw, "account_data": raw})
