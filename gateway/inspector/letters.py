"""The letters that forms and texts are set in. Runs in the child process only.

Courier, which every PDF program has, as long as it has them all (ISO 32000-1, 9.6.2.2 and annex D: Windows code page
1252); otherwise Cascadia Mono, which also has Greek, Cyrillic and all of Latin, and goes into the file with just the
letters that are used. The letters of either are all as wide: so it is known what fits where.
"""

import io
import unicodedata
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

WIDTH = 0.6
"""Of a letter, in its size; those of Cascadia are a little less."""

_CASCADIA, _NAME = "cascadia", Name("/FAXGTW+CascadiaMono")  # six capitals: letters were left out (9.6.4)
_NAMED = 2  # letters that a refusal names
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})  # and Arabic letters change with their neighbours
_KEPT = frozenset("\t\r\n\f\xad")
_NOT_UNDERSTOOD = "\N{REPLACEMENT CHARACTER}"
_COMBINING = frozenset({"Mn", "Mc", "Me"})
_SYMBOLIC = 4  # a font with an encoding of its own (ISO 32000-1, table 123)
_THOUSAND = 1000  # units of a font's size in a PDF


class LackingError(ValueError):
    """Letters that cannot be set, by their names: a reply of SMTP could not show them (RFC 5321 section 4.2)."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font within a PDF."""

    font: Object
    glyphs: dict[str, int] | None  #: by their letters; None: they are coded by Windows code page 1252

    def shown(self, line: str) -> bytes:
        """A line as what shows it: the operand of Tj."""
        if self.glyphs is None:
            return b"<%s>" % line.encode("cp1252").hex().encode("ascii")
        return b"<%s>" % b"".join(b"%04X" % self.glyphs[letter] for letter in line)


def plain(text: str) -> str:
    """The same text with letters composed, every space a space, and without what cannot be seen."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(map(_plain, composed)).expandtabs()


def typeface(pdf: Pdf, text: str) -> Typeface:
    """A font for a text that is plain.

    Args:
        pdf: gets the font.
        text: all that will be set in it.

    Raises:
        LackingError: neither font has all its letters.
    """
    letters = "".join(sorted(set(text) - set("\r\n\f")))
    try:
        letters.encode("cp1252")
    except UnicodeEncodeError:
        return _embedded(pdf, letters)
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier, Encoding=Name.WinAnsiEncoding)
    return Typeface(pdf.make_indirect(font), None)


def _plain(letter: str) -> str:
    if letter in _KEPT:
        return letter
    match unicodedata.category(letter):
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Cf" | "Cc":
            return ""
    return letter


def _embedded(pdf: Pdf, letters: str) -> Typeface:
    # Few documents need them, and every child would start later for them.
    # None of them ships types.
    from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415
    from pymupdf_fonts import myfont  # type: ignore[import-untyped]  # noqa: PLC0415

    font = TTFont(io.BytesIO(myfont(_CASCADIA)), recalcTimestamp=False)
    _refuse_lacking(letters, set(font.getBestCmap()))
    reduced = Subsetter(Options(layout_features=[], hinting=False, glyph_names=False, notdef_outline=True))
    reduced.populate(text=letters)
    reduced.subset(font)
    glyphs = {chr(code): font.getGlyphID(name) for code, name in font.getBestCmap().items()}
    octets = io.BytesIO()
    font.save(octets)
    width = font["hmtx"][".notdef"][0] * _THOUSAND // font["head"].unitsPerEm
    return Typeface(_font(pdf, octets.getvalue(), width, glyphs), glyphs)


def _refuse_lacking(letters: str, there: set[int]) -> None:
    lacking = [letter for letter in letters if ord(letter) not in there or _not_set(letter)]
    if lacking:
        more = " and others" if len(lacking) > _NAMED else ""
        raise LackingError(", ".join(map(_named, lacking[:_NAMED])) + more)


def _named(letter: str) -> str:
    return f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".rstrip()


def _not_set(letter: str) -> bool:
    """Whether it would be set in the wrong place or form, or is not the letter that was written."""
    if letter == _NOT_UNDERSTOOD:
        return True
    return unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT or unicodedata.category(letter) in _COMBINING


def _font(pdf: Pdf, octets: bytes, width: int, glyphs: dict[str, int]) -> Object:
    """A font whose codes are the numbers of its glyphs (ISO 32000-1, 9.7)."""
    glyphs_of = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=_NAME,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(_descriptor(pdf, octets, width)),
        DW=width,
        CIDToGIDMap=Name.Identity,
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=_NAME,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(glyphs_of)]),
            ToUnicode=pdf.make_stream(_meaning(glyphs)),
        )
    )


def _descriptor(pdf: Pdf, octets: bytes, width: int) -> Dictionary:
    return Dictionary(
        Type=Name.FontDescriptor,
        FontName=_NAME,
        Flags=_SYMBOLIC,
        FontBBox=Array([0, -300, width, 1000]),
        ItalicAngle=0,
        Ascent=1000,
        Descent=-300,
        CapHeight=700,
        StemV=80,
        FontFile2=pdf.make_indirect(Stream(pdf, octets, Length1=len(octets))),
    )


def _meaning(glyphs: dict[str, int]) -> bytes:
    """Which letter each code means, for those who search or copy (ISO 32000-1, 9.10.3)."""
    pairs = [b"<%04X> <%s>" % (glyph, letter.encode("utf-16-be").hex().encode()) for letter, glyph in glyphs.items()]
    parts = (pairs[begin : begin + 100] for begin in range(0, len(pairs), 100))
    lists = b"\n".join(b"%d beginbfchar\n%s\nendbfchar" % (len(part), b"\n".join(part)) for part in parts)
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CMapName /Letters def /CMapType 2 def\n"
        b"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        b"%s\nendcmap CMapName currentdict /CMap defineresource pop end end" % lists
    )
