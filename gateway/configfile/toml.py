"""Writing TOML: as much of it as showing a configuration takes."""

import json
from collections.abc import Mapping
from typing import Any


def literal(value: Any) -> str:
    """Write one value: text, a number, a truth, or a list or table of these."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{literal(key)} = {literal(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def assignments(section: Mapping[str, Any]) -> str:
    """Write the keys of one section, one on each line."""
    return "\n".join(f"{key} = {literal(value)}" for key, value in section.items())
