"""What stands on record in English is said in every language: nothing that the gateway says stays in English."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from gateway.config import NumberSettings
from gateway.faxplus.answers import STATUSES, Call, Verdict, refused
from gateway.inspector.finding import Finding, numbered
from gateway.message import judge
from gateway.notice.library import _catalogues, _said
from gateway.notice.phrases import Phrases
from gateway.policy.destinations import KINDS, objection
from gateway.submission import Kind

DOCUMENTS = tomllib.loads((Path(__file__).parent / "data" / "documents" / "expected.toml").read_text("utf-8"))
WORKER = Path(__file__).parents[1] / "gateway" / "worker"
CATALOGUES = {language: _said(entries) for language, entries in _catalogues(None).items()}
LANGUAGES = sorted(set(CATALOGUES) - {"en"})
VERBUNDEN = "12 Dokumente wurden zu einem verbunden, da FAX.PLUS 10 in einem Fax nimmt"
JOINED = "12 documents were joined into one, since FAX.PLUS takes 10 in a fax"


def remarks() -> Iterator[str]:
    """What the gallery of odd documents makes the inspector say, and what it says of many pages."""
    yield from {one["remarks"] for one in DOCUMENTS.values() if "remarks" in one}
    for pages in ((2,), (2, 3), tuple(range(9))):
        yield Finding(kind=Kind.PDF, pages=9, blank=pages).remarks
        yield f"{numbered(pages)} larger than A1 paper, and scaled to a sheet"
    yield '"letter.pdf": page 2 is blank'
    yield from ("it was put on a page", "it was set as pages", JOINED)


def refusals() -> Iterator[str]:
    """What FAX.PLUS's refusals that end a fax are called."""
    for status, reading in STATUSES.items():
        if Verdict.PERMANENT in {reading.repeatable, reading.once}:
            yield refused(Call.ONCE, status, {}, {"error": "odd", "description": "(as (it) is)"}, 0.0).words
    yield refused(Call.ONCE, 404, {}, {"description": "no such file"}, 0.0).words


def lost() -> Iterator[str]:
    """How a document that is no longer there is told."""
    for why in ("its record is gone", "its mail is gone", "its mail is shorter than it was"):
        yield f"the document is no longer readable here: {why}"
    yield 'the document is no longer readable here: "a.pdf" differs from what was accepted'


def objections() -> Iterator[str]:
    """Why a number may not be called any more: by the configuration, or for its kind."""
    usual = NumberSettings()
    denying = usual.model_copy(update={"deny": ("+1",)})
    numbers = ["+12025550199", "+493012345678", "+870772001234", "+1911", "+0000000"]
    for kind in KINDS:
        example = phonenumbers.example_number_for_type("GB", kind) or phonenumbers.example_number_for_type("DE", kind)
        if example is not None:
            numbers.append(phonenumbers.format_number(example, PhoneNumberFormat.E164))
    found = [objection(number, usual, {"+12025550199"}) for number in numbers]
    yield from (words for words in [*found, objection("+12025550123", denying, set())] if words is not None)
    yield from (f"{kind} numbers are not called" for kind in KINDS.values())


def left_out() -> Iterator[str]:
    """Why parts of a mail are left out."""
    yield from {*judge._LEFT_OUT_TYPES.values(), *judge._LEFT_OUT_ENDINGS.values(), *judge.PICTURES}


SAID = sorted({*remarks(), *refusals(), *lost(), *objections(), *left_out()})


def test_every_refusal_is_known_here() -> None:
    """A document that is lost, an objection of ours, an answer of FAX.PLUS: a further kind needs its words above."""
    places = [path.read_text("utf-8").count("Refused(reason=") for path in sorted(WORKER.glob("*.py"))]

    assert 3 == sum(places)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    """Whatever is put on record for a sender is a phrase of each catalogue."""
    phrases = Phrases(CATALOGUES[language])

    assert [] == [english for english in SAID if phrases.known(english) in {None, english}]


def test_no_phrase_is_left_over() -> None:
    """Each is said by some part of the gateway, or is a part of what is said."""
    english = CATALOGUES["en"]
    unused = {
        key
        for key in english
        if not any(Phrases({**english, key: "!"}).known(said) != Phrases(english).known(said) for said in SAID)
    }

    assert set() == unused


def test_english_is_what_is_on_record() -> None:
    """To the letter."""

    assert SAID == [Phrases(CATALOGUES["en"]).known(english) for english in SAID]


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("page 2 is blank; its copy protection was removed", "Seite 2 ist leer; sein Kopierschutz wurde entfernt"),
        (
            f'{JOINED}; "a; b.pdf": it was turned and a BigTIFF, and was written anew as PDF',
            f"{VERBUNDEN}; „a; b.pdf“: neu als PDF geschrieben (gedreht, war ein BigTIFF)",
        ),
        (
            "FAX.PLUS refused the request (400 odd: page 2 is blank)",
            "FAX.PLUS hat es abgelehnt (400 odd: page 2 is blank)",
        ),
        ("page two is blank; its copy protection was removed", "page two is blank; sein Kopierschutz wurde entfernt"),
        ("", ""),
        ("{said}", "{said}"),
    ],
)
def test_several_phrases(english: str, german: str) -> None:
    """Each by itself, also inside others; what is none stays as it is."""

    assert german == Phrases(CATALOGUES["de"]).said(english)


@given(
    st.text(max_size=2000) | st.lists(st.sampled_from([*SAID, '"', "; ", " (", ")", ": "]), max_size=30).map("".join)
)
def test_anything_may_stand_on_record(words: str) -> None:
    """No words of strangers break it, or keep it busy."""

    assert isinstance(Phrases(CATALOGUES["de"]).said(words), str)
