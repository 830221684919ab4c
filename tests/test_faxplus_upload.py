"""The form around a document: a form reader gets out of it what was put in; its length is known beforehand."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_multipart import create_form_parser
from python_multipart.multipart import Field, File

from gateway.faxplus.answers import FaxPlusError, Verdict
from gateway.faxplus.upload import Form
from gateway.submission import Kind


def octets(form: Form) -> bytes:
    """All of the form."""

    async def all_of_it() -> bytes:
        return b"".join([chunk async for chunk in form.content()])

    return asyncio.run(all_of_it())


def read(form: Form) -> list[tuple[bytes, bytes, bytes]]:
    """Names, file names and contents of its parts, as a form reader sees them."""
    parts: list[tuple[bytes, bytes, bytes]] = []

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        parts.append((file.field_name or b"", file.file_name or b"", file.file_object.read()))

    def on_field(field: Field) -> None:
        raise AssertionError(field)

    headers = {name: text.encode() for name, text in form.headers.items()}
    parser = create_form_parser(headers, on_field, on_file)
    parser.write(octets(form))
    parser.finalize()
    return parts


@given(st.lists(st.binary(max_size=200) | st.just(b"\r\n--"), max_size=5), st.sampled_from([Kind.PDF, Kind.TIFF]))
def test_what_goes_in_comes_out(chunks: list[bytes], kind: Kind) -> None:
    """Any octets in any pieces, also those that look like a boundary, arrive unchanged, under a name that we make."""
    document = b"".join(chunks)
    form = Form(kind, len(document), lambda: iter(chunks))

    assert [(b"fax_file", f"document.{kind.value}".encode(), document)] == read(form)


@pytest.mark.parametrize(("kind", "mime"), [(Kind.PDF, b"application/pdf"), (Kind.TIFF, b"image/tiff")])
def test_headers(kind: Kind, mime: bytes) -> None:
    """The length is known beforehand and right, and the part says what it is."""
    form = Form(kind, 3, lambda: iter([b"abc"]))
    sent = octets(form)

    assert str(len(sent)) == form.headers["Content-Length"]
    assert b"\r\nContent-Type: " + mime + b"\r\n\r\nabc\r\n" in sent


def test_begins_anew() -> None:
    """It can be sent a second time, when the token had expired."""
    form = Form(Kind.PDF, 3, lambda: iter([b"a", b"bc"]))

    assert octets(form) == octets(form)


@pytest.mark.parametrize("chunks", [[b"ab"], [], [b"abcd"], [b"abc", b"d"]])
def test_other_length(chunks: list[bytes]) -> None:
    """A document that has become longer or shorter is not the one that was accepted, and never goes out as it."""
    with pytest.raises(FaxPlusError, match="differs from what was accepted") as caught:
        octets(Form(Kind.PDF, 3, lambda: iter(chunks)))

    assert Verdict.PERMANENT is caught.value.verdict


def test_unreadable_document() -> None:
    """An error while reading the document is the caller's to understand."""

    def chunks() -> Iterator[bytes]:
        yield b"a"
        raise FileNotFoundError("spool")

    with pytest.raises(FileNotFoundError, match="spool"):
        octets(Form(Kind.PDF, 3, chunks))
