"""A picture as a page of a PDF, without losing a point of it. Runs in the child process only.

Black and white goes in as Group 4, which fax machines speak themselves; a strip in that coding is copied as it is. Its
size on paper is kept, also where its points are not square (204 by 98 to the inch).
"""

import io
from dataclasses import dataclass

from pikepdf import Dictionary, Name, Pdf, Stream
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

_ROWS_PER_STRIP, _STRIPS, _STRIP_SIZES, _PHOTOMETRIC = 278, 273, 279, 262


@dataclass(frozen=True, slots=True)
class Strip:
    """A page in Group 4, in one piece (TIFF compression 4, fill order 1)."""

    octets: bytes
    width: int
    height: int
    black_is_zero: bool  #: PhotometricInterpretation is 1


def add_sheet(pdf: Pdf, picture: Image.Image | Strip, size: tuple[float, float]) -> None:
    """Append a page.

    Args:
        pdf: gets the page.
        picture: what is on it: "1", "L" or "RGB", or a strip.
        size: of the page in points; the picture fills it.
    """
    if isinstance(picture, Strip):
        drawn = _fax(pdf, picture)
    elif picture.mode == "1":
        drawn = _fax(pdf, coded(picture))
    else:
        drawn = _plain(pdf, picture)
    page = pdf.add_blank_page(page_size=size)
    page.obj.Resources = Dictionary(XObject=Dictionary(P=drawn))
    page.obj.Contents = pdf.make_stream(b"q %.3f 0 0 %.3f 0 0 cm /P Do Q" % size)


def coded(picture: Image.Image) -> Strip:
    """Code a picture in Group 4."""
    octets = io.BytesIO()
    picture.save(octets, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: picture.height})
    with Image.open(octets, formats=["TIFF"]) as again:
        if not isinstance(again, TiffImageFile):
            raise TypeError("a TIFF does not open as one")
        strip = strip_of(again, octets.getvalue())
    if strip is None:
        raise ValueError("libtiff wrote more than one strip")
    return strip


def strip_of(image: TiffImageFile, octets: bytes) -> Strip | None:
    """The page that the image stands at, if it is one strip of Group 4.

    Args:
        image: a TIFF.
        octets: of the whole file.
    """
    tags = image.tag_v2
    places, sizes = tags.get(_STRIPS, ()), tags.get(_STRIP_SIZES, ())
    if tags.get(259) != 4 or tags.get(266, 1) != 1 or len(places) != 1 or len(sizes) != 1:  # noqa: PLR2004  # coding, fill order
        return None
    strip = octets[places[0] : places[0] + sizes[0]]
    return Strip(strip, image.width, image.height, black_is_zero=tags.get(_PHOTOMETRIC) == 1) if strip else None


def _fax(pdf: Pdf, strip: Strip) -> Stream:
    """ISO 32000-1, 7.4.6: K below 0 is Group 4, whose black runs are 0 unless BlackIs1."""
    drawn = Stream(pdf, strip.octets)
    drawn.Filter = Name.CCITTFaxDecode
    drawn.DecodeParms = Dictionary(K=-1, Columns=strip.width, Rows=strip.height, BlackIs1=strip.black_is_zero)
    return _picture(drawn, strip.width, strip.height, bits=1, colours=Name.DeviceGray)


def _plain(pdf: Pdf, picture: Image.Image) -> Stream:
    colours = Name.DeviceGray if picture.mode == "L" else Name.DeviceRGB
    return _picture(Stream(pdf, picture.tobytes()), picture.width, picture.height, bits=8, colours=colours)


def _picture(drawn: Stream, width: int, height: int, *, bits: int, colours: Name) -> Stream:
    drawn.Type, drawn.Subtype = Name.XObject, Name.Image
    drawn.Width, drawn.Height = width, height
    drawn.BitsPerComponent, drawn.ColorSpace = bits, colours
    return drawn
