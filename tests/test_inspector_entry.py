"""What stands in the fields of forms, drawn so that it fits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Pdf

from gateway.inspector.entry import LONGEST, SIZES, drawing
from gateway.inspector.form import draw_entries

BOX = (200.0, 50.0)


def drawn(text: str, box: tuple[float, float] = BOX, *, many_lines: bool = True, cells: int = 0) -> tuple[float, str]:
    """The size that an entry is drawn in, and its letters."""
    with Pdf.new() as pdf:
        octets = drawing(pdf, text, box, many_lines=many_lines, cells=cells).read_bytes()
    size = re.search(rb"/F ([0-9.]+) Tf", octets)
    assert size is not None
    shown = [bytes.fromhex(found.decode()).decode("cp1252") for found in re.findall(rb"<([0-9a-f]*)> Tj", octets)]
    return float(size[1]), "".join(shown)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("Größe 5 €", {}, (12.0, "Größe 5 €")),
        ("a\nb", {"many_lines": False}, (12.0, "a b")),
        ("x" * 40, {"many_lines": False}, (8.0, "x" * 40)),
        ("12345", {"many_lines": False, "cells": 8}, (12.0, "12345")),
    ],
    ids=["letters", "one line", "long", "cells"],
)
def test_drawn(text: str, options: dict[str, int], expected: tuple[float, str]) -> None:
    """An entry is drawn as large as fits, up to twelve points."""
    assert expected == drawn(text, **options)  # type: ignore[arg-type]  # options of each case


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("日本", {}),
        ("word " * 2000, {}),
        ("x" * (LONGEST + 1), {}),
        ("x" * 70, {"many_lines": False}),
        ("123456789", {"cells": 8}),
        ("1", {"cells": 500}),
    ],
    ids=["letters", "long text", "very long", "long line", "too few cells", "narrow cells"],
)
def test_does_not_fit(text: str, options: dict[str, int]) -> None:
    """What does not fit whole, or has other letters, is not drawn in part."""
    with pytest.raises(ValueError, match=r"does not fit|too long|U\+65E5"):
        drawn(text, **options)  # type: ignore[arg-type]  # options of each case


@given(st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=300))
def test_nothing_is_lost(text: str) -> None:
    """Whatever is drawn is drawn with all its letters but spaces."""
    try:
        size, shown = drawn(text)
    except ValueError:
        return

    assert size in SIZES
    assert "".join(text.split()) == "".join(shown.split())


def test_no_form() -> None:
    """A document without a form has no entries."""
    assert not draw_entries(Pdf.new())
