"""config.example.toml, held against the settings: complete, true to the defaults, and good."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Config
from gateway.config.section import Settings
from gateway.config.shape import Section, keys, section_in, sections
from gateway.configfile import check, load
from gateway.configfile.source import lines

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
TEXT = EXAMPLE.read_text("utf-8")

IN_FORCE = re.sub(r"^# (?=[a-z_]+ = |\[\[?[a-z.]+\]\]?$)", "", TEXT, flags=re.MULTILINE)
"""The example without the comment sign before any of its keys."""

STANDING = {tuple(step for step in way if isinstance(step, str)) for way in lines(TEXT)}
"""The keys that are not commented out."""

ALL: list[tuple[tuple[str, ...], type[Settings], str]] = [
    (path, settings, key)
    for path, settings, _ in [Section((), Config, repeated=False), *sections()]
    for key, field in keys(settings).items()
    if section_in(field) is None
]


def default(section: type[Settings], key: str) -> Any:
    """A default as the file would have it."""
    return section.model_construct().model_dump(mode="json", by_alias=True, warnings=False).get(key)


def shown(path: tuple[str, ...], key: str) -> list[Any]:
    """What the example shows for a key, in every section of that name."""
    found: Any = tomllib.loads(IN_FORCE)
    for step in path:
        found = found[step]
    return [entry[key] for entry in (found if isinstance(found, list) else [found]) if key in entry]


def test_the_example_is_good(tmp_path: Path) -> None:
    """As it stands it loads, and all that is missing on this machine are its files."""
    config = load(EXAMPLE)
    wrong = {problem.place for problem in check(config.model_copy(update={"state": tmp_path}))}
    submission = {"listener 2 (submission): certificate", "listener 2 (submission): key"}

    assert {"faxplus.token_file", *submission, "users_file"} == wrong


@pytest.mark.parametrize(
    "left_out",
    [r"^\[faxplus\.oauth\]\n(?:[a-z_]+ = .*\n)+", r"^token_file = .*\n"],
    ids=["with a token", "with OAuth2"],
)
def test_the_example_is_good_with_every_key_in_force(left_out: str, tmp_path: Path) -> None:
    """No comment hides a mistake. A token and OAuth2 exclude each other, so each is tried."""
    path = tmp_path / "config.toml"
    path.write_text(re.sub(left_out, "", IN_FORCE, flags=re.MULTILINE), "utf-8")

    assert "faxgw.example.org" == load(path).own_name


@pytest.mark.parametrize(("path", "section", "key"), ALL)
def test_every_key_is_in_the_example(path: tuple[str, ...], section: type[Settings], key: str) -> None:
    """A setting that nobody meets is a setting that nobody finds."""
    assert shown(path, key)


@pytest.mark.parametrize(
    ("path", "section", "key"),
    [
        (path, section, key)
        for path, section, key in ALL
        if (*path, key) not in STANDING and default(section, key) is not None
    ],
)
def test_what_is_commented_out_is_the_default(path: tuple[str, ...], section: type[Settings], key: str) -> None:
    """What the reader sees behind # is what is in force."""
    assert [default(section, key)] == shown(path, key)
