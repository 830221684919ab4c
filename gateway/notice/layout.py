"""Plain text in lines and columns, for mail programs and people without HTML."""

import textwrap
from collections.abc import Sequence

WIDTH = 76
GAP = 2
"""Columns between a label, with its colon, and what it labels."""


def filled(words: str) -> str:
    """Break words into lines."""
    return textwrap.fill(words, WIDTH, break_on_hyphens=False)


def columns(facts: Sequence[tuple[str, Sequence[str]]], colon: str = ":") -> str:
    """Write labels and their values in two columns, each value on a line of its own, and longer ones indented.

    Args:
        facts: what is written.
        colon: what stands behind a label; in French with a blank before it.
    """
    width = max((len(label) for label, _ in facts), default=0) + len(colon) + GAP
    return "\n".join(_fact(f"{label}{colon}", values, width) for label, values in facts)


def _fact(label: str, values: Sequence[str], width: int) -> str:
    column = "\n".join(
        textwrap.fill(value, WIDTH - width, subsequent_indent="  ", break_on_hyphens=False) for value in values
    )
    return f"{label:{width}}" + textwrap.indent(column, " " * width).lstrip()
