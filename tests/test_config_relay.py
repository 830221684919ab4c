"""The section about mail servers: one, and further ones in order."""

import pytest
from pydantic import ValidationError

from gateway.config import RelaySettings


def test_servers_in_their_order() -> None:
    """The first, then the further ones as they are written."""
    relay = RelaySettings.model_validate({"host": "a", "next": [{"host": "b", "port": 587}, {"host": "c"}]})

    assert [("a", 25), ("b", 587), ("c", 25)] == [(server.host, server.port) for server in relay.servers]


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "faxgw"},
        {"next": [{"port": 25}]},
        {"next": [{"host": "b", "password_file": "/p"}]},
        {"next": [{"host": "b", "sender": "fax@example.org"}]},
    ],
)
def test_wrong_values(wrong: dict[str, object]) -> None:
    """A login is whole, a further server has a name, and From is said once."""

    with pytest.raises(ValidationError):
        RelaySettings.model_validate(wrong)
