"""The settings as a whole: frozen, complete, documented, and whole where parts belong together."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config import Config
from gateway.config.section import Settings
from gateway.config.shape import keys, section_in, sections

SMALLEST: dict[str, Any] = {
    "operator": "it@example.org",
    "faxplus": {"token_file": "/etc/fax-gateway/faxplus.token", "from": "+12025550100"},
    "listener": [{"name": "printers"}],
}

ALL: list[type[Settings]] = [Config, *(section.settings for section in sections())]


def test_the_smallest_configuration() -> None:
    """What has a default may be left out, and who may fax defaults to nobody."""
    config = Config.model_validate(SMALLEST)

    assert () == config.sender
    assert "fax.local" == config.own_name
    assert "+12025550100" == config.faxplus.from_


def test_the_host_name_is_our_own_name() -> None:
    """Given a host name, the gateway introduces itself by it."""
    config = Config.model_validate(SMALLEST | {"hostname": "FaxGW.example.org"})

    assert "faxgw.example.org" == config.own_name


def test_nothing_changes_a_configuration() -> None:
    """Settings are frozen, so what was checked is what is in force."""
    config = Config.model_validate(SMALLEST)

    with pytest.raises(ValidationError, match="frozen"):
        config.operator = "else@example.org"  # type: ignore[misc]  # that it cannot be set is what is tested


@pytest.mark.parametrize("settings", ALL, ids=lambda settings: settings.__name__)
def test_every_key_says_what_it_means(settings: type[Settings]) -> None:
    """A value without a description would be missing from the documentation."""
    silent = [key for key, field in keys(settings).items() if section_in(field) is None and not field.description]

    assert [] == silent


@pytest.mark.parametrize("settings", ALL, ids=lambda settings: settings.__name__)
def test_every_required_key_has_an_example(settings: type[Settings]) -> None:
    """Who leaves it out is shown what to write."""
    silent = [key for key, field in keys(settings).items() if field.is_required() and not field.examples]

    assert [] == silent


@pytest.mark.parametrize("settings", ALL, ids=lambda settings: settings.__name__)
def test_every_default_would_be_accepted_from_the_file(settings: type[Settings]) -> None:
    """Nobody looks at a default when it is used; it must hold to the rules all the same."""
    for key, field in keys(settings).items():
        if field.is_required() or section_in(field) is not None:
            continue
        dumped = settings.model_construct().model_dump(mode="json", by_alias=True, warnings=False)[key]

        assert dumped is None or [] == _wrong(settings, key, dumped)


def _wrong(settings: type[Settings], key: str, value: object) -> list[str]:
    try:
        settings.model_validate({key: value})
    except ValidationError as error:
        return [details["msg"] for details in error.errors() if details["loc"][:1] == (key,)]
    return []


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"faxplus": {"from": "+12025550100"}}, "token_file or the oauth section"),
        ({"webhook": {"public_url": "https://fax.example.org"}}, "needs a secret_file"),
        ({"relay": {"password_file": "/etc/fax-gateway/relay.password"}}, "go together"),
        ({"listener": [{"name": "submission", "tls": "implicit"}]}, "needs a certificate and a key"),
        ({"sender": [{"name": "everybody"}]}, "would fit everybody"),
    ],
)
def test_what_belongs_together_is_given_together(section: dict[str, Any], words: str) -> None:
    """Half of a login, of a webhook or of TLS is refused."""
    with pytest.raises(ValidationError, match=words):
        Config.model_validate(SMALLEST | section)
