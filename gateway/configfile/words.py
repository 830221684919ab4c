"""What pydantic finds wrong with a configuration, in the words of this house."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gateway.config.shape import field_at, keys, repeats, section_at, section_in, sections
from gateway.configfile.problem import Problem, Way, line_of, place
from gateway.configfile.toml import assignments


def problems(error: ValidationError, document: Mapping[str, Any], lines: Mapping[Way, int]) -> tuple[Problem, ...]:
    """Translate all of them, in the order in which they stand in the file."""
    found = [details for details in error.errors(include_url=False) if not _follows(details)]
    found.sort(key=lambda details: line_of(details["loc"], lines))
    return tuple(Problem(place(_way(details), document, lines), words(details)) for details in found)


def _way(details: ErrorDetails) -> Way:
    """Where it is; of a table's key, pydantic says so behind it."""
    return details["loc"][:-1] if details["loc"][-1:] == ("[key]",) else details["loc"]


def _follows(details: ErrorDetails) -> bool:
    """Whether it only follows from others: a list is short because pydantic left out the items that are wrong."""
    return details["type"] == "too_short" and len(details["input"]) > 0


def words(details: ErrorDetails) -> str:
    """Say what to do about one of them."""
    return WORDS[details["type"]](details)


def _fixed(text: str) -> Callable[[ErrorDetails], str]:
    """Words that need no more than what pydantic tells about the limit."""
    return lambda details: text.format(**details.get("ctx", {}))


def _own(details: ErrorDetails) -> str:
    """Our own validators speak for themselves."""
    return str(details["ctx"]["error"])


def _choice(details: ErrorDetails) -> str:
    return f"write {details['ctx']['expected']}".replace("'", '"')


def _section(details: ErrorDetails) -> str:
    """Something else stands where a section belongs."""
    key = ".".join(step for step in details["loc"] if isinstance(step, str))
    field = field_at(details["loc"])
    header = f"[[{key}]]" if field is not None and repeats(field) else f"[{key}]"
    if isinstance(details["input"], list):
        return f"there is only one such section: write {header} with single brackets"
    return f"this is a section: write {header} on a line of its own, and its keys below"


def _list(details: ErrorDetails) -> str:
    field = field_at(details["loc"])
    if field is not None and repeats(field):
        return f"there may be several of these: write [[{details['loc'][-1]}]] with double brackets"
    return "write a list in brackets, with commas between its items"


def _missing(details: ErrorDetails) -> str:
    field = field_at(details["loc"])
    key = str(details["loc"][-1])
    if field is None or section_in(field) is None:
        return f"this is missing; write for example\n{assignments({key: _example(field)})}"
    header, values = (f"[[{key}]]", _example(field)[0]) if repeats(field) else (f"[{key}]", _example(field))
    return f"this section is missing; write for example\n{header}\n{assignments(values)}"


def _example(field: FieldInfo | None) -> Any:
    return field.examples[0] if field is not None and field.examples else ""


def _unknown(details: ErrorDetails) -> str:
    *way, key = details["loc"]
    here = keys(section_at(tuple(way)))
    if f"{key}_file" in here:
        return f"secrets do not stand in this file: write {key}_file, the path of a file that holds it"
    near, homes = difflib.get_close_matches(str(key), here, n=1), _homes(str(key))
    if not near and not homes:
        return f"there is no such key; the keys here are {', '.join(here)}"
    guess = f"; did you mean {near[0]}?" if near else ""
    home = f" ({key} belongs {' or '.join(homes)})" if homes else ""
    return f"there is no such key here{guess}{home}"


def _homes(key: str) -> list[str]:
    """Where a key would be known."""
    homes = ["at the top, before the first section"] if key in keys(section_at(())) else []
    homes += [f"below {section.header}" for section in sections() if key in keys(section.settings)]
    return homes


WORDS: dict[str, Callable[[ErrorDetails], str]] = {
    "bool_parsing": _fixed("write true or false, without quotes"),
    "bool_type": _fixed("write true or false, without quotes"),
    "dict_type": _fixed('write a table in braces, with pairs such as "11" = "+12025550111"'),
    "extra_forbidden": _unknown,
    "finite_number": _fixed("write a whole number"),
    "greater_than_equal": _fixed("write {ge} or more"),
    "int_from_float": _fixed("write a whole number"),
    "int_parsing": _fixed("write a whole number, without quotes"),
    "int_parsing_size": _fixed("write a smaller number"),
    "int_type": _fixed("write a whole number, without quotes"),
    "less_than_equal": _fixed("write {le} or less"),
    "literal_error": _choice,
    "missing": _missing,
    "model_type": _section,
    "path_type": _fixed("write a path, in quotes"),
    "string_too_short": _fixed("this is empty; write a value, or leave the key out"),
    "string_type": _fixed("write text, in quotes"),
    "too_short": _fixed("this list must not be empty"),
    "tuple_type": _list,
    "value_error": _own,
}
"""Every kind of error that our settings can bring about."""
