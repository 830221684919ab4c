"""The catalogues are complete, in every language; the operator's own folder replaces any word and any template."""

import re
import string
from pathlib import Path

import pytest

from gateway.notice import Library, LibraryError
from gateway.notice.library import _catalogues
from gateway.outcome import MEANINGS, Advice

CATALOGUES = _catalogues(None)
ENGLISH = CATALOGUES["en"]


def braces(words: str) -> set[str]:
    """What a text leaves to be filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def test_there_are_four_languages() -> None:
    """Those that a sender rule can name."""

    assert ["de", "en", "es", "fr"] == Library().languages


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_no_key_is_missing(language: str) -> None:
    """Nor is there one that nobody asks for; each has the same things to fill in, and says something."""
    catalogue = CATALOGUES[language]

    assert set(ENGLISH) == set(catalogue)
    assert {key: braces(words) for key, words in ENGLISH.items()} == {
        key: braces(words) for key, words in catalogue.items()
    }
    assert [] == [key for key, words in catalogue.items() if not words.strip() or not words.isprintable()]


@pytest.mark.parametrize("language", sorted(set(CATALOGUES) - {"en"}))
def test_everything_is_translated(language: str) -> None:
    """Whole sentences are those of their own language."""
    same = {key for key, words in CATALOGUES[language].items() if words == ENGLISH[key] and " " in words}

    assert set() == same - {"count.page", "count.pages", "said.{said} ({detail})"}  # also French


def test_every_word_of_fax_plus_is_there() -> None:
    """In English it is what the log says."""
    ours = {key.removeprefix("status."): words for key, words in ENGLISH.items() if key.startswith("status.")}
    rest = {"new_failure", "new_word", "no_reason"}

    assert {status: means.words for status, means in MEANINGS.items()} == {
        status: words for status, words in ours.items() if status not in rest
    }
    assert {f"advice.{advice}" for advice in Advice} <= set(ENGLISH)


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_advice_is_whole_sentences(language: str) -> None:
    """And what goes on after a colon has no stop of its own."""
    words = CATALOGUES[language]

    assert [] == [
        key
        for key, text in words.items()
        if key.startswith(("advice.", "sentence.")) and not re.fullmatch(r"[^a-z].*\.", text)
    ]
    assert [] == [key for key, text in words.items() if key.startswith(("status.", "attempt.")) and text.endswith(".")]


@pytest.mark.parametrize(
    ("asked", "found"), [("de", "de"), ("de-AT", "de"), ("it", "en"), ("", "en"), ("fr", "fr"), ("../en", "en")]
)
def test_a_language_that_we_do_not_have_is_english(asked: str, found: str) -> None:
    """Its region does not matter."""

    assert found == Library().words(asked).language


def test_the_operators_words_replace_ours(tmp_path: Path) -> None:
    """Line by line; the rest stays ours. A new language stands on English."""
    (tmp_path / "de.toml").write_text('[headline]\ndelivered = "Angekommen"\n[said]\n"a stamp" = "eine Marke"\n')
    (tmp_path / "it.toml").write_text('[headline]\ndelivered = "Fax consegnato"\n')
    library = Library(tmp_path)
    german, italian = library.words("de"), library.words("it")

    assert ("Angekommen", "Fax gescheitert") == (german("headline.delivered"), german("headline.failed"))
    assert ("eine Marke", "ein Bild", "odd") == tuple(map(german.said, ("a stamp", "a picture", "odd")))
    assert ("Fax consegnato", "Fax failed") == (italian("headline.delivered"), italian("headline.failed"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("de.toml", "[headline\n", "de.toml cannot be read"),
        ("de.toml", '[headline]\ndeliverd = "x"\n', "no mail says headline.deliverd"),
        ("de.toml", '[headline]\nlate = "{until}"\n', "headline.late has nothing to fill in for until"),
        ("de.toml", '[headline]\nlate = "{"\n', "headline.late cannot be read"),
        ("de.toml", '[sentence]\nfailed = "{number:d}: {why}"\n', "sentence.failed asks for {number} in a form"),
        ("de.toml", '[sentence]\nfailed = "{number!r}: {why}"\n', "sentence.failed asks for {number} in a form"),
        ("de.toml", '[said]\n"{a} and {a}" = "x"\n', "de.toml cannot be read"),
        ("de.toml", '[time]\nmoment = "{day:x}"\n', "time.moment asks for {day} in a form"),
        ("de.toml", '[time]\nmonths = "Jan Feb"\n', "time.months must name twelve months"),
        ("de.toml", "[headline]\nlate = 3\n", "de.toml cannot be read"),
        ("de.toml", 'late = "x"\n', "de.toml cannot be read"),
        ("mail.html", "{% if %}", "a template in"),
    ],
)
def test_mistakes_are_named(name: str, content: str, words: str, tmp_path: Path) -> None:
    """The file, and what is wrong with it."""
    (tmp_path / name).write_text(content)

    with pytest.raises(LibraryError, match=re.escape(words)):
        Library(tmp_path)


def test_a_template_that_fails_stops_no_mail(tmp_path: Path) -> None:
    """Ours writes it; the proof at the start says what is wrong with theirs."""
    (tmp_path / "mail.txt").write_text("{{ page.nonsense }}")
    (tmp_path / "mail.html").write_text("<p>{{ page.headline }}</p>")
    library = Library(tmp_path)
    page = {
        "headline": "Tom & Jerry",
        "sentence": "It was.",
        "advice": "",
        "entries": [],
        "facts": [],
        "closing": "!",
        "colon": ":",
    }

    assert "It was." == library.render("mail.txt", page).splitlines()[0]
    assert "<p>Tom &amp; Jerry</p>" == library.render("mail.html", page)
    with pytest.raises(LibraryError, match=r"mail\.txt fails"):
        library.prove(page)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("failed_user_busy", "the line was busy"),
        ("failed_by_a_bear\r\n", 'FAX.PLUS could not send it and reports "failed_by_a_bear??"'),
        ("{count}", 'FAX.PLUS reports "{count}", which this gateway does not know; it may have arrived'),
    ],
)
def test_words_of_fax_plus(status: str, words: str) -> None:
    """Known ones have a meaning, others are shown, and never filled in."""

    assert words == Library().words("en").status(status)


def test_counting() -> None:
    """One page, two pages."""
    words = Library().words("en")

    assert ("0 pages", "1 page", "2 pages") == tuple(words.counted("page", count) for count in range(3))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Whoever names one means it."""

    with pytest.raises(LibraryError, match="is no folder"):
        Library(tmp_path / "nowhere")
