"""docs/configuration.md, made from the settings: `python -m gateway.configfile.reference > docs/configuration.md`."""

import sys
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from gateway.config.section import Settings
from gateway.config.settings import Config
from gateway.config.shape import keys, section_in, sections
from gateway.config.values import Written
from gateway.configfile.toml import literal

OPENING = """\
# Configuration

One TOML file. [`config.example.toml`](../config.example.toml) shows all of it in the order in which one thinks; this is
the table to look things up in. `fax-gateway check` names everything that is wrong, and shows what is in force.

Spans of time are written with their unit (`"500ms"`, `"90s"`, `"2m"`, `"24h"`, `"90d"`), and so are sizes (`"500 kB"`,
`"64 MB"`, `"1 GB"`).

Secrets never stand in the file. Where the table says "a file of ours", one rule holds: if systemd hands over a
credential with the file's name (`LoadCredential=faxplus.token:/etc/fax-gateway/faxplus.token`), that is read; else the
file itself. Nobody but its owner may read a file that holds a secret (`chmod 600`).

This file is made from the settings' own descriptions by `python -m gateway.configfile.reference`.
"""

PLAIN: dict[object, str] = {str: "text", int: "a whole number", bool: "`true` or `false`", Path: "a path"}


def reference() -> str:
    """Write the whole document."""
    tables = [_table(f"`{section.header}`", getdoc(section.settings) or "", section.settings) for section in sections()]
    return "\n".join((OPENING, _table("At the top", "", Config), *tables))


def _table(title: str, opening: str, section: type[Settings]) -> str:
    rows = [_row(key, field, section) for key, field in keys(section).items() if section_in(field) is None]
    head = ["| key | value | default | meaning |", "|---|---|---|---|"]
    return "\n".join((f"## {title}\n", *([f"{opening}\n"] if opening else []), *head, *rows)) + "\n"


def _row(key: str, field: FieldInfo, section: type[Settings]) -> str:
    default = "**required**" if field.is_required() else _default(key, section)
    meaning = (field.description or "").replace("<", "&lt;").replace("*", "\\*")
    return f"| `{key}` | {kind(field)} | {default} | {meaning} |"


def _default(key: str, section: type[Settings]) -> str:
    """As the file would have it."""
    value = section.model_construct().model_dump(mode="json", by_alias=True, warnings=False)[key]
    return "" if value is None else f"`{literal(value)}`"


def kind(field: FieldInfo) -> str:
    """Tell in words what a field's value looks like."""
    return _words(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation)


def _words(annotation: Any) -> str:
    inner = [arg for arg in get_args(annotation) if arg not in {type(None), Ellipsis}]
    if get_origin(annotation) is Annotated:
        return next(_told(annotation.__metadata__), "") or _words(inner[0]) + _range(annotation.__metadata__)
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{literal(choice)}`" for choice in inner)
    if get_origin(annotation) is tuple:
        return f"a list; each is {_words(inner[0])}"
    if get_origin(annotation) is dict:
        return f"a table; each is {_words(inner[0])} = {_words(inner[1])}"
    return _words(inner[0]) if inner else PLAIN[annotation]


def _told(metadata: tuple[Any, ...]) -> Iterator[str]:
    return (entry.words for entry in metadata if isinstance(entry, Written))


def _range(metadata: tuple[Any, ...]) -> str:
    least = next((entry.ge for entry in metadata if hasattr(entry, "ge")), None)
    most = next((entry.le for entry in metadata if hasattr(entry, "le")), None)
    return "" if most is None else f" from {least} to {most}"


if __name__ == "__main__":
    sys.stdout.write(reference())
