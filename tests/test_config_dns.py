"""How names are looked up."""

import pytest
from pydantic import ValidationError

from gateway.config import DnsSettings


def test_this_machine_knows_whom_to_ask() -> None:
    """Whoever writes nothing down asks as the machine does, and not for long."""

    assert ((), 10.0) == (DnsSettings().nameservers, DnsSettings().timeout)


@pytest.mark.parametrize("timeout", ["1ms", "30s"])
def test_how_long_it_may_take(timeout: str) -> None:
    """Short enough for a mail server to wait."""

    assert DnsSettings.model_validate({"timeout": timeout}).timeout <= 30


@pytest.mark.parametrize("timeout", ["0s", "31s", "1d", "10"])
def test_how_long_it_may_not_take(timeout: str) -> None:
    """Not for ever, and not no time at all."""
    with pytest.raises(ValidationError):
        DnsSettings.model_validate({"timeout": timeout})
