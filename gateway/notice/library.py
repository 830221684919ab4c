"""The catalogues of words and the templates, read once; the operator's own folder replaces any of them."""

import functools
import re
import string
import tomllib
from collections.abc import Mapping
from datetime import UTC, tzinfo
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    select_autoescape,
)

from gateway.notice import layout
from gateway.notice.phrases import Phrases
from gateway.notice.words import Words

ENGLISH = "en"
LANGUAGE = "[a-z][a-z].toml"
"""What the operator's catalogues are called; other files in that folder are none of ours."""
TEMPLATES = ("mail.txt", "mail.html")
MONTHS = 12
TWO_DIGITS = "02"
"""The one form that a catalogue may ask for, of a day."""

SAID = "said."
"""Begins the key of a phrase that stands on record in English; an operator may add some."""


class LibraryError(Exception):
    """The operator's folder holds what cannot be used; the message says which file, and why."""


class Library:
    """Every language's words, and the templates that put them on a page."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read all of it.

        Args:
            folder: the operator's own: `<language>.toml`, `mail.txt`, `mail.html`; whatever lies there replaces ours.

        Raises:
            LibraryError: a file there cannot be used.
        """
        if folder is not None and not folder.is_dir():
            raise LibraryError(f"{folder} is no folder")
        self._catalogues = _catalogues(folder)
        self._phrases = {language: Phrases(_said(entries)) for language, entries in self._catalogues.items()}
        self._ours = _our_environment()
        self._theirs = self._ours if folder is None else _environment(folder)
        try:
            for name in TEMPLATES:
                self._theirs.get_template(name)
        except (TemplateError, OSError, UnicodeError) as error:
            raise LibraryError(f"a template in {folder} cannot be read: {error}") from error

    @property
    def languages(self) -> list[str]:
        """What there are catalogues for."""
        return sorted(self._catalogues)

    def words(self, language: str, zone: tzinfo = UTC) -> Words:
        """Return the words of a language, such as "de" or "de-AT"; English when there is no catalogue for it.

        Args:
            language: a code of RFC 5646.
            zone: in which times are told.
        """
        known = next((one for one in (language, language.partition("-")[0]) if one in self._catalogues), ENGLISH)
        return Words(known, self._catalogues[known], self._phrases[known], zone)

    def render(self, name: str, page: object) -> str:
        """Put a page through a template. Should the operator's fail, ours writes the mail: it must go.

        Args:
            name: one of `TEMPLATES`.
            page: what the template shows; see `gateway.notice.page`.
        """
        try:
            return self._theirs.get_template(name).render(page=page)
        except Exception:  # whatever an operator's template does
            if self._theirs is self._ours:
                raise
            return self._ours.get_template(name).render(page=page)

    def prove(self, page: object) -> None:
        """Put a sample through the templates.

        Raises:
            LibraryError: the operator's cannot write it.
        """
        for name in TEMPLATES:
            try:
                self._theirs.get_template(name).render(page=page)
            except Exception as error:
                raise LibraryError(f"the template {name} fails: {error}") from error


def _environment(folder: Path | None) -> Environment:
    ours = PackageLoader("gateway.notice", "templates")
    loader = ours if folder is None else ChoiceLoader([FileSystemLoader(folder), ours])
    environment = Environment(
        loader=loader,
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(filled=layout.filled, columns=layout.columns)
    return environment


@functools.cache
def _our_environment() -> Environment:
    return _environment(None)


@functools.cache
def _our_catalogues() -> Mapping[str, dict[str, str]]:
    packaged = files("gateway.notice") / "catalogues"
    return {
        entry.name.removesuffix(".toml"): _flat(tomllib.loads(entry.read_text("utf-8")))
        for entry in packaged.iterdir()
        if entry.name.endswith(".toml")
    }


def _catalogues(folder: Path | None) -> dict[str, dict[str, str]]:
    ours = dict(_our_catalogues())
    english = ours[ENGLISH]
    for path in sorted(folder.glob(LANGUAGE)) if folder is not None else ():
        ours[path.stem] = {**ours.get(path.stem, english), **_theirs(path, english)}
    return ours


def _theirs(path: Path, english: Mapping[str, str]) -> dict[str, str]:
    try:
        entries = _flat(tomllib.loads(path.read_text("utf-8")))
        Phrases(_said(entries))
    except (OSError, ValueError, TypeError, re.error) as error:
        raise LibraryError(f"{path} cannot be read: {error}") from error
    for key, words in entries.items():
        if key not in english and not key.startswith(SAID):
            raise LibraryError(f"{path}: no mail says {key}")
        if key == "time.months" and len(words.split()) != MONTHS:
            raise LibraryError(f"{path}: {key} must name twelve months, with blanks between them")
        if unknown := _braces(path, key, words) - _braces(path, key, english.get(key, key)):
            raise LibraryError(f"{path}: {key} has nothing to fill in for {', '.join(sorted(unknown))}")
    return entries


def _said(entries: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(SAID): words for key, words in entries.items() if key.startswith(SAID)}


def _braces(path: Path, key: str, words: str) -> set[str]:
    try:
        fields = [field for field in string.Formatter().parse(words) if field[1] is not None]
    except ValueError as error:
        raise LibraryError(f"{path}: {key} cannot be read: {error}") from error
    for _, name, form, conversion in fields:
        if conversion or form not in ({"", TWO_DIGITS} if name == "day" else {""}):
            raise LibraryError(f"{path}: {key} asks for {{{name}}} in a form that it does not have")
    return {name for _, name, _, _ in fields if name is not None}


def _flat(document: dict[str, Any]) -> dict[str, str]:
    """`[headline] delivered` is called `headline.delivered`.

    Raises:
        TypeError: something in it is no text in a section.
    """
    if not all(isinstance(held, dict) for held in document.values()):
        raise TypeError("every line belongs to a section")
    entries = {f"{section}.{key}": words for section, held in document.items() for key, words in held.items()}
    if not all(isinstance(words, str) for words in entries.values()):
        raise TypeError("every line is a key and a text")
    return entries
