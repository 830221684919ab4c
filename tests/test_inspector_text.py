"""Plain text as pages."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Pdf

from gateway.inspector.text import LETTERS, LINES, inspect
from gateway.inspector.unfit import UnfitError

CP1252 = bytes(octet for octet in range(32, 256) if octet not in {0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D}).decode("cp1252")


def shown(directory: Path, text: str, limit: int = 20) -> list[str]:
    """What stands on each page, without its line ends."""
    path, target = directory / "a.txt", directory / "a.pdf"
    path.write_text(text, "utf-8", newline="")
    target.unlink(missing_ok=True)
    finding = inspect(path, target, limit)
    with Pdf.open(target) as pdf:
        drawn = [page.obj.Contents.read_bytes().split() for page in pdf.pages]

    assert finding.pages == len(drawn)
    return [
        "".join(bytes.fromhex(word[1:-1].decode()).decode("cp1252") for word in page if word[:1] == b"<")
        for page in drawn
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Grüße, 5 €\r\n“done”", ["Grüße, 5 €“done”"]),
        ("u\u0308ber", ["über"]),
        ("one\ftwo", ["one", "two"]),
        ("\n".join(map(str, range(LINES + 1))), ["".join(map(str, range(LINES))), str(LINES)]),
        ("x" * (LETTERS + 1), ["x" * (LETTERS + 1)]),
    ],
    ids=["letters", "combining", "form feed", "many lines", "long line"],
)
def test_pages(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Text stands on as many pages as it needs, with all its letters."""
    assert expected == shown(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("日", "has letters that cannot be printed here (U+65E5 CJK UNIFIED IDEOGRAPH-65E5); print it"),
        (" \n\f", "is empty"),
        ("\f.\f.\f.", "has more than the 2"),
    ],
)
def test_refused(tmp_path: Path, text: str, words: str) -> None:
    """What cannot be printed whole is refused, and the letter is named."""
    with pytest.raises(UnfitError) as refusal:
        shown(tmp_path, text, limit=2)

    assert refusal.value.words.startswith(words)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from(CP1252 + "\n"), min_size=1, max_size=400))
def test_nothing_is_lost(tmp_path: Path, text: str) -> None:
    """Whatever the text, all its letters but spaces stand on the pages in their order."""
    try:
        found = "".join(shown(tmp_path, f"a{text}"))
    except UnfitError:
        return

    assert "".join(f"a{text}".split()) == "".join(found.split())
