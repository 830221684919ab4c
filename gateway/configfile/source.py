"""The text of the configuration file: from its bytes to what TOML says it holds, and on which line what stands."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.configfile.problem import ConfigError, Problem, Way

HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?")
KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")
WHERE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)

HINTS = {
    "Cannot declare": "this section stands here for the second time; put the two together",
    "Cannot overwrite": "this key stands here for the second time; keep one",
    "Expected '=' after a key": "write key = value; a section is written [section], a comment begins with #",
    "Expected newline or end of document": "write one key on each line; text that holds quotes is written 'so'",
    "Invalid value": 'text stands in quotes, as in operator = "it@example.org"',
    "Invalid initial character": "write key = value; a section is written [section], a comment begins with #",
    "Unclosed array": "a list ends with ], and its items have commas between them",
    "Illegal character '\\n'": "text ends on the line on which it begins; the closing quote is missing",
    "Unescaped '\\'": "write text that holds a backslash in single quotes",
}
"""How tomllib's messages begin, and what to do about them."""


def read(path: Path) -> str:
    """Read the configuration file.

    Raises:
        ConfigError: it is not there, cannot be read, or is not text.
    """
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        words = "there is no such file; copy config.example.toml there to begin with"
    except OSError as error:
        words = f"this file cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        words = f"line {line} is not UTF-8; save the file with this encoding"
    raise ConfigError((Problem(str(path), words),))


def parse(text: str) -> dict[str, Any]:
    """Read TOML.

    Raises:
        ConfigError: it is none.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        problem = Problem("the file", "lists or tables lie too deep in each other")
    except ValueError as error:
        problem = _syntax(str(error))
    raise ConfigError((problem,))


def _syntax(message: str) -> Problem:
    """Say what is wrong with the TOML. The line itself is not repeated: a secret may stand there by mistake."""
    match = WHERE.fullmatch(message)
    said = match[1] if match else message
    words = next((words for beginning, words in HINTS.items() if said.startswith(beginning)), said)
    place = f"line {match[2]}, column {match[3]}" if match and match[2] else "the end of the file"
    return Problem(place, f"this is not TOML: {words}")


def lines(text: str) -> Mapping[Way, int]:
    """Tell on which line each key and each section stands, as far as a look at single lines tells."""
    found: dict[Way, int] = {}
    sections: Counter[Way] = Counter()
    here: Way = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := HEADER.fullmatch(line.rstrip("\r")):
            here = _steps(header[2])
            if header[1] == "[[":
                sections[here] += 1
                found.setdefault(here, number)
                here = (*here, sections[here] - 1)
            found.setdefault(here, number)
        elif key := KEY.match(line):
            found.setdefault((*here, *_steps(key[1])), number)
    return found


def _steps(dotted: str) -> Way:
    return tuple(step.strip().strip("\"'") for step in dotted.split("."))
