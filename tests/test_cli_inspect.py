"""`inspect`: what would become of a mail or a document, said to people and to programs, by the code of the way in."""

import json
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from gateway.samples import LETTER, SCAN
from tests.operating import a_config, gateway
from tests.packing import split, tnef, tnef_file

PNG = b"\x89PNG\r\n\x1a\n"


def mail(directory: Path, *attached: tuple[str, bytes]) -> Path:
    """A mail with these files."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = "x"
    made.set_content("Hello")
    for name, content in attached:
        made.add_attachment(content, "application", "octet-stream", filename=name)
    path = directory / "mail.eml"
    path.write_bytes(made.as_bytes())
    return path


def test_faxed(tmp_path: Path) -> None:
    """The parts, the documents in their order with their pages, and what is left out."""
    winmail = tnef(tnef_file(SCAN.read_bytes(), title=b"scan.tif\0"))
    path = mail(tmp_path, ("letter.pdf", LETTER.read_bytes()), ("winmail.dat", winmail), ("logo.png", PNG))

    said = gateway("inspect", path)

    assert (0, "") == (said.code, said.err)
    assert said.out.startswith("mail.eml: would be faxed, 5 pages\n\nParts\n  multipart/mixed, ")
    assert '\n      application/octet-stream, "scan.tif", 52,528 octets, TIFF document\n' in said.out
    assert (
        '\n  1. "letter.pdf", pdf, 3 pages, 1,863 octets\n  2. "scan.tif", tiff, 2 pages, 52,528 octets\n' in said.out
    )
    assert said.out.endswith('\nLeft out\n  "logo.png": a picture\n')


def test_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is as it was, and no copy of it is left."""
    path = mail(tmp_path, ("winmail.dat", tnef(tnef_file(LETTER.read_bytes(), title=b"letter.pdf\0"))))
    before, place = path.read_bytes(), tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))

    assert 0 == gateway("inspect", path).code
    assert before == path.read_bytes()
    assert [] == list(place.iterdir())


def test_for_programs(tmp_path: Path) -> None:
    """The same as JSON."""
    path = mail(tmp_path, ("letter.pdf", LETTER.read_bytes()), ("logo.png", PNG))

    said = json.loads(gateway("inspect", "--json", path).out)

    assert (True, None, 3) == (said["faxed"], said["reply"], said["pages"])
    assert [("letter.pdf", "pdf", 3)] == [(one["name"], one["kind"], one["pages"]) for one in said["documents"]]
    assert [{"name": "logo.png", "why": "a picture"}] == said["left_out"]
    assert ["text", "PDF document", "left out: a picture"] == [part["fate"] for part in said["parts"][0]["inside"]]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("offer.docx", b"PK\x03\x04", '554 5.6.1 "offer.docx" is neither PDF nor TIFF: print it to PDF and send that'),
        ("letter.pdf", LETTER.read_bytes()[:900], '554 5.6.5 "letter.pdf" is cut off'),
    ],
)
def test_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    """A refusal is what the sender would be told; the parts tell where it comes from."""
    path = mail(tmp_path, (name, content))
    said = gateway("inspect", path)
    machine = gateway("inspect", "--json", path)

    assert 1 == said.code == machine.code
    assert said.out.startswith(f"mail.eml: refused with {words}")
    assert f'"{name}"' in said.out.partition("Parts")[2]
    assert json.loads(machine.out)["reply"]["words"] in said.out


@pytest.mark.parametrize(("sample", "pages"), [(LETTER, 3), (SCAN, 2)])
def test_document_alone(sample: Path, pages: int) -> None:
    """A document is looked at like the only one of a mail, under its own name."""
    said = json.loads(gateway("inspect", "--json", sample).out)

    assert [(sample.name, pages)] == [(one["name"], one["pages"]) for one in said["documents"]]


def test_limits_of_the_configuration(tmp_path: Path) -> None:
    """The limits that are in force count."""
    config = a_config(tmp_path)
    config.write_text(config.read_text() + "\n[limits]\npages = 2\n")

    assert (1, 0) == (gateway("inspect", "--config", config, LETTER).code, gateway("inspect", LETTER).code)


def test_unreadable(tmp_path: Path) -> None:
    """A file that cannot be read is no refusal."""
    said = gateway("inspect", tmp_path / "missing.eml")

    assert (2, "") == (said.code, said.out)
    assert "No such file" in said.err


def test_piece(tmp_path: Path) -> None:
    """A piece of a mail would be held."""
    path = tmp_path / "piece.eml"
    path.write_bytes(split(mail(tmp_path, ("letter.pdf", LETTER.read_bytes())).read_bytes(), 2)[1])
    said = gateway("inspect", path)
    machine = json.loads(gateway("inspect", "--json", path).out)

    assert (0, "piece.eml: piece 2 of 2 of a mail, would be held until all are here\n") == (said.code, said.out)
    assert (False, 2) == (machine["faxed"], machine["piece"]["number"])


def test_text_and_pictures(tmp_path: Path) -> None:
    """Where the configuration wants them, the text and pictures are pages too, made by the real inspector."""
    config = a_config(tmp_path)
    config.write_text(config.read_text() + '\n[documents]\ntext = "page"\npictures = true\n')
    picture = BytesIO()
    Image.new("L", (600, 800), 200).save(picture, "PNG")
    path = mail(tmp_path, ("scan.png", picture.getvalue()), ("letter.pdf", LETTER.read_bytes()))

    said = json.loads(gateway("inspect", "--json", "--config", config, path).out)

    assert [("text of the mail", "pdf", 1), ("scan.png", "pdf", 1), ("letter.pdf", "pdf", 3)] == [
        (one["name"], one["kind"], one["pages"]) for one in said["documents"]
    ]


def test_cover(tmp_path: Path) -> None:
    """What would stand on the cover page is shown."""
    config = a_config(tmp_path)
    config.write_text(config.read_text() + '\n[documents]\ntext = "cover"\n')
    path = mail(tmp_path, ("letter.pdf", LETTER.read_bytes()))

    assert "\nOn the cover page\n  Hello\n" in gateway("inspect", "--config", config, path).out + "\n"
