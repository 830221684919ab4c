"""Faults befall the requests that they name, as often as ordered, the first that fits first."""

import random

import pytest
from pydantic import ValidationError

from gateway.simulator import Fault, Faults


def test_count() -> None:
    """A fault befalls as many requests as it says, and is then used up."""
    faults = Faults(Fault(kind="reset", count=2))
    picked = [faults.pick("GET", "/v3/hooks") for _ in range(3)]

    assert ["reset", "reset", None] == [fault and fault.kind for fault in picked]
    assert [] == faults.ordered


def test_for_good_until_cleared() -> None:
    """Without a count a fault befalls every request until the faults are cleared."""
    faults = Faults()
    faults.add(Fault(kind="reset", count=None))
    before = [faults.pick("GET", "/") is not None for _ in range(5)]
    faults.clear()

    assert [True] * 5 == before
    assert faults.pick("GET", "/") is None


@pytest.mark.parametrize(
    ("method", "path", "fits"),
    [
        ("POST", "/v3/accounts/self/outbox", True),
        ("GET", "/v3/accounts/self/outbox", False),
        ("POST", "/v3/accounts/self/outbox/1", False),
        ("POST", "/v3/hooks", False),
    ],
)
def test_pattern(method: str, path: str, fits: bool) -> None:  # noqa: FBT001  # the case of a table
    """Method and path both must fit."""
    faults = Faults(Fault(kind="reset", method="POST", path="/v3/accounts/*/outbox"))

    assert fits == (faults.pick(method, path) is not None)


def test_first_that_fits() -> None:
    """The first fault that fits is used; what does not fit stays on order."""
    faults = Faults(Fault(kind="reset", method="PUT"), Fault(kind="slow"), Fault(kind="endless"))
    picked = faults.pick("GET", "/")

    assert "slow" == (picked and picked.kind)
    assert ["reset", "endless"] == [fault.kind for fault in faults.ordered]


def test_probability() -> None:
    """A probable fault befalls about so many requests, the same ones for the same seed."""

    def befallen(seed: int) -> list[bool]:
        faults = Faults(Fault(kind="reset", count=None, probability=0.3), chance=random.Random(seed))
        return [faults.pick("GET", "/") is not None for _ in range(200)]

    assert 40 < sum(befallen(1)) < 80
    assert befallen(1) == befallen(1)
    assert befallen(1) != befallen(2)


def test_nonsense_is_refused() -> None:
    """An unknown kind, a status that is no error, or a misspelt field is refused."""
    for wrong in ({"kind": "meteor"}, {"kind": "status", "status": 200}, {"kind": "reset", "paths": "*"}):
        with pytest.raises(ValidationError):
            Fault.model_validate(wrong)
