"""Words for everything that pydantic can find wrong: none is missing, none is left over."""

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.config import Config
from gateway.config.shape import keys, section_at, sections
from gateway.configfile.words import WORDS, problems, words

GOOD: dict[str, Any] = {
    "operator": "it@example.org",
    "faxplus": {"token_file": "faxplus.token", "from": "+12025550100"},
    "listener": [{"name": "printers"}],
    "sender": [{"name": "office", "networks": ["192.0.2.1"]}],
}

OAUTH = {"client_id": "faxgw", "client_secret_file": "client.secret", "refresh_token_file": "refresh.token"}

NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
WRONG: list[Any] = [
    *("", "x", "\x1b[2J", "9" * 5000, 5, -1, 10**400, 2.5, float("nan"), float("inf"), True),
    *([], [5], ["x"], [[]], [{}], {}, {"x": 1}, NOW, NOW.date(), NOW.time()),
]
"""Every type that TOML knows, and the corners of each."""


def errors_in(document: dict[str, Any]) -> list[ErrorDetails]:
    """What pydantic says about a configuration."""
    try:
        Config.model_validate(document)
    except ValidationError as error:
        return error.errors()
    return []


def spoilt(way: tuple[str, ...], key: str) -> Iterator[dict[str, Any]]:
    """Configurations in which one key holds each wrong value, or is missing."""
    for value in [*WRONG, None]:
        document = copy.deepcopy(GOOD)
        if way[:2] == ("faxplus", "oauth"):
            document["faxplus"] = {"from": "+12025550100", "oauth": dict(OAUTH)}
        section = document
        for step in way:
            inner = section.setdefault(step, {})
            section = inner[0] if isinstance(inner, list) else inner
        section.pop(key, None)
        yield document
        if value is not None:
            section[key] = value
            yield document


@pytest.fixture(scope="module")
def everything() -> list[ErrorDetails]:
    """All errors from all wrong values in all keys, and in keys that nobody knows."""
    ways = [(), *(section.path for section in sections())]
    return [
        details
        for way in ways
        for key in [*keys(section_at(way)), "nonsense"]
        for document in spoilt(way, key)
        for details in errors_in(document)
    ]


def test_every_kind_of_error_has_words(everything: list[ErrorDetails]) -> None:
    """The table holds exactly what our settings bring about: nothing is missing, nothing is dead."""
    kinds = {details["type"] for details in everything}

    assert set(WORDS) == kinds


def test_the_words_are_ours(everything: list[ErrorDetails]) -> None:
    """Nobody is told about valid dictionaries, instances of models or inputs."""
    told = {words(details) for details in everything}

    assert not [text for text in told if any(word in text for word in ("Input", "instance", "valid ", "dict", "{"))]


def test_no_words_repeat_what_was_written() -> None:
    """A secret may stand in the wrong place; it is not shown."""
    document = copy.deepcopy(GOOD) | {"operator": "hush", "relay": {"port": "hush", "tls": "hush", "password": "hush"}}
    with pytest.raises(ValidationError) as refused:
        Config.model_validate(document)
    found = problems(refused.value, document, {})

    assert 4 == len(found)
    assert not [problem for problem in found if "hush" in problem.words + problem.place]


@pytest.mark.parametrize(
    ("section", "key", "said"),
    [
        ((), "opreator", "did you mean operator?"),
        (("relay",), "hostname", "hostname belongs at the top, before the first section"),
        (("log",), "networks", "networks belongs below [[listener]] or below [[sender]]"),
        ((), "certificate", "certificate belongs below [[listener]]"),
        (("relay",), "password", "write password_file"),
        (("keep",), "zzz", "the keys here are documents, records"),
    ],
)
def test_unknown_keys_are_led_home(section: tuple[str, ...], key: str, said: str) -> None:
    """A misspelt key gets a guess, a key in the wrong section is shown the right one."""
    document = copy.deepcopy(GOOD)
    target = document
    for step in section:
        target = target.setdefault(step, {})
    target[key] = "x"
    told = [words(details) for details in errors_in(document) if details["loc"] == (*section, key)]

    assert 1 == len(told)
    assert said in told[0]
