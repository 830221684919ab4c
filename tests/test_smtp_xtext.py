"""xtext: what is written comes back, and nothing that could end a header line gets through."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp import xtext


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("QQ314159", "QQ314159"),
        ("a+2Bb", "a+b"),
        ("FAX+3D+2B12025550123@fax.local", "FAX=+12025550123@fax.local"),
        ("two+20words", "two words"),
        ("+2B3D", "+3D"),
        ("<>", "<>"),
    ],
)
def test_is_decoded(text: str, expected: str) -> None:
    """Pairs of digits behind a plus become what they stand for, once."""

    assert expected == xtext.decode(text)


@pytest.mark.parametrize(
    "text", ["a=b", "a+zz", "a+2b", "+", "+2", "a b", "\u00fc", "a+0D+0Ab", "+00", "+7F", "+C3+BC", "a\n", "\x7f"]
)
def test_is_refused(text: str) -> None:
    """What is not xtext, small hexadecimal letters among it, and what stands for controls or other scripts."""
    with pytest.raises(ValueError, match=r"xtext|unprintable"):
        xtext.decode(text)


@given(st.text(alphabet=[chr(code) for code in range(32, 127)], max_size=60))
def test_round_trip(text: str) -> None:
    """Whatever printable is encoded comes back."""
    encoded = re.sub(r"[^!-*,-<>-~]", lambda match: f"+{ord(match[0]):02X}", text)

    assert text == xtext.decode(encoded)
