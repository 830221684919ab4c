"""What is wrong with a configuration, and where, as its reader sees it."""

import json
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Way: TypeAlias = tuple[int | str, ...]
"""The way to a value: keys, and positions in lists from 0."""

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right."""

    place: str
    words: str


class ConfigError(Exception):
    """The configuration cannot be used. Holds everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(render(problems))
        self.problems = problems


def render(problems: Iterable[Problem]) -> str:
    """Write problems for the terminal: the place on one line, what to do below it."""
    return "".join(f"{problem.place}\n{textwrap.indent(problem.words, '    ')}\n" for problem in problems)


def place(way: Way, document: Mapping[str, Any], lines: Mapping[Way, int]) -> str:
    """Name a place as the reader of the file sees it, such as `listener 2 (submission): certificate (line 30)`.

    `document` is the configuration as TOML gives it; `lines` tells where what stands, as far as that is known.
    """
    line = line_of(way, lines)
    return _spoken(way, document) + (f" (line {line})" if line else "")


def line_of(way: Way, lines: Mapping[Way, int]) -> int:
    """The line on which a value or what holds it stands; 0 when unknown."""
    return next((lines[way[:end]] for end in range(len(way), 0, -1) if way[:end] in lines), 0)


def _spoken(way: Way, document: Mapping[str, Any]) -> str:
    text = ""
    value: Any = document
    joint = ""
    for step in way:
        value = _inside(value, step)
        if isinstance(step, int):
            text += f" {step + 1}{_named(value)}" if isinstance(value, Mapping) else f", item {step + 1}"
            joint = ": "
        else:
            text += joint + (step if BARE_KEY.fullmatch(step) else json.dumps(step))
            joint = "."
    return text


def _inside(value: Any, step: int | str) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _named(section: Mapping[str, Any]) -> str:
    name = section.get("name")
    if not isinstance(name, str) or not name:
        return ""
    return f" ({name if name.isprintable() else json.dumps(name)})"
