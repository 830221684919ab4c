"""The letters of forms and texts: those of Europe's languages are set as they are, others are named."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Name, Pdf
from pypdfium2 import PdfDocument

from gateway.inspector.letters import LackingError, plain, typeface

LANGUAGES = {
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "Greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία, ΰ Ώ",
    "Hungarian": "Árvíztűrő tükörfúrógép",
    "Latvian": "Glāžšķūņa rūķīši",
    "Polish": "Zażółć gęślą jaźń",
    "Romanian": "știință, țară, Ș Ț",
    "Russian": "Съешь ещё этих мягких французских булок",
    "Serbian": "Љубазни фењерџија чађавог лица",
    "Turkish": "Pijamalı hasta yağız şoföre İ ı",  # noqa: RUF001  # this is Turkish
    "Ukrainian": "Ґанок, їжак, є, і",  # noqa: RUF001  # this is Cyrillic
    "Vietnamese": "Tiếng Việt, người",
    "figures": "┌─┐ ≤ ≥ → № ₽ ₺ ✓",
}


def written(text: str) -> str:
    """What another PDF program reads on a page where the text is set."""
    with Pdf.new() as pdf:
        face = typeface(pdf, text)
        page = pdf.add_blank_page()
        page.obj.Resources.Font = {"/F": face.font}
        page.obj.Contents = pdf.make_stream(b"BT /F 8 Tf 20 300 Td %s Tj ET" % face.shown(text))
        octets = io.BytesIO()
        pdf.save(octets)
    document = PdfDocument(octets.getvalue())
    return str(document[0].get_textpage().get_text_bounded())


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages(language: str) -> None:
    """Each letter is the one that was meant, to another program too."""
    assert LANGUAGES[language] == written(LANGUAGES[language])


@pytest.mark.parametrize("language", ["Greek", "Vietnamese"])
def test_drawn(language: str) -> None:
    """Letters that go into the file have shapes there: no two of a text look the same."""
    letters = sorted({letter for letter in LANGUAGES[language] if letter.isalpha() and not letter.isascii()})
    looks = set()
    for letter in letters:
        with Pdf.new() as pdf:
            face = typeface(pdf, letter)
            page = pdf.add_blank_page(page_size=(40, 40))
            page.obj.Resources.Font = {"/F": face.font}
            page.obj.Contents = pdf.make_stream(b"BT /F 30 Tf 5 10 Td %s Tj ET" % face.shown(letter))
            octets = io.BytesIO()
            pdf.save(octets)
        looks.add(PdfDocument(octets.getvalue())[0].render(scale=2).to_pil().convert("1").tobytes())

    assert len(letters) == len(looks) > 3


def test_courier_where_it_will_do() -> None:
    """Western letters need no font within the file."""
    with Pdf.new() as pdf:
        assert Name.Courier == typeface(pdf, "Größe: 5 €\nœuvre").font.BaseFont


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("日本語", "U+65E5 CJK UNIFIED IDEOGRAPH-65E5, U+672C CJK UNIFIED IDEOGRAPH-672C and others"),
        ("ש", "U+05E9 HEBREW LETTER SHIN"),
        ("س", "U+0633 ARABIC LETTER SEEN"),
        ("q\N{COMBINING TILDE}", "U+0303 COMBINING TILDE"),
        ("a\N{REPLACEMENT CHARACTER}", "U+FFFD REPLACEMENT CHARACTER"),
        ("fine 😀", "U+1F600 GRINNING FACE"),
        ("\ue000", "U+E000"),
    ],
    ids=["no shapes", "Hebrew", "Arabic", "combining", "not understood", "picture", "private"],
)
def test_lacking(text: str, lacking: str) -> None:
    """What would be missing, or in the wrong place, is named and not left out."""
    with Pdf.new() as pdf, pytest.raises(LackingError) as refusal:
        typeface(pdf, text)

    assert lacking == str(refusal.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u\N{COMBINING DIAERESIS}", "ü"),
        ("1\N{NARROW NO-BREAK SPACE}000\N{NO-BREAK SPACE}€", "1 000 €"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}a\N{ZERO WIDTH SPACE}b\N{LEFT-TO-RIGHT MARK}\7", "ab"),
        ("a\N{LINE SEPARATOR}b\nc\fd", "a\nb\nc\fd"),
        ("a\tb", "a       b"),
        ("co\N{SOFT HYPHEN}op", "co\N{SOFT HYPHEN}op"),
    ],
)
def test_plain(text: str, expected: str) -> None:
    """Letters are composed, spaces are spaces, and what nobody sees is gone."""
    assert expected == plain(text)


@given(st.text(max_size=60))
def test_all_or_nothing(text: str) -> None:
    """Whatever the text, each of its letters is set or it is refused."""
    line = " ".join(plain(text).split())
    with Pdf.new() as pdf:
        try:
            face = typeface(pdf, line)
        except LackingError:
            return

        assert len(face.shown(line)) in {2 + 2 * len(line), 2 + 4 * len(line)}
