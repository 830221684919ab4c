"""What the gateway puts on record in English, said in another language.

As with gettext the English phrase itself is the key, with what varies in braces: so records need no codes beside their
words, logs and `fax-gateway show` read as they are, and what an earlier release wrote is translated too. What no
catalogue knows, the words of FAX.PLUS above all, stays as it is.
"""

import functools
import re
from collections.abc import Iterator, Mapping

KINDS = {"number": "[0-9]+", "count": "[0-9]+", "numbers": "[0-9]+(?:, [0-9]+)+", "said": ".+?"}
"""What a name in braces stands for; every other one for any words."""

SEPARATOR = re.compile(r'; (?=(?:[^"]*"[^"]*")*[^"]*\Z)')
"""Between the remarks on one document; a semicolon in quotes belongs to a name."""

ITEMS = re.compile(r", | and ")
"""Between the items of an English enumeration."""

BRACES = re.compile(r"\{(\w+)\}")


LONGEST = 600
"""Characters of a phrase that is looked for."""


class Phrases:
    """The phrases of one language."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        """Take what each English phrase is in this language.

        In a phrase, {said} is another phrase, without a {said} of its own, and {items} an enumeration of phrases.
        """
        self._plain = {english: words for english, words in entries.items() if not BRACES.search(english)}
        self._filled = [(_pattern(english), words) for english, words in entries.items() if BRACES.search(english)]

    def said(self, english: str) -> str:
        """Translate a phrase, or several with semicolons between them; what is none stays as it is."""
        return self.known(english) or "; ".join(self.known(one) or one for one in SEPARATOR.split(english))

    def known(self, english: str) -> str | None:
        """Translate a phrase; None if it is none."""
        return self._plain.get(english) or next(self._translated(english), None)

    def _translated(self, english: str, *, inner: bool = False) -> Iterator[str]:
        for pattern, words in self._filled if len(english) <= LONGEST else ():
            found = None if inner and "said" in pattern.groupindex else pattern.fullmatch(english)
            filled = None if found is None else self._filling(found.groupdict())
            if filled is not None:
                yield words.format(**filled)

    def _filling(self, found: dict[str, str]) -> dict[str, str] | None:
        """What the braces are filled with; None when a part that must be a phrase is none."""
        filled = {name: self._part(name, english) for name, english in found.items()}
        known = {name: words for name, words in filled.items() if words is not None}
        return known if len(known) == len(filled) else None

    def _part(self, name: str, english: str) -> str | None:
        match name:
            case "said":
                return self._plain.get(english) or next(self._translated(english, inner=True), None)
            case "items":
                known = [self._plain.get(item) for item in ITEMS.split(english)]
                return None if None in known else ", ".join(filter(None, known))
        return english


@functools.cache
def _pattern(english: str) -> re.Pattern[str]:
    literal = BRACES.split(english)[::2]
    groups = [f"(?P<{name}>{KINDS.get(name, '.+')})" for name in BRACES.findall(english)]
    return re.compile("".join(re.escape(text) + group for text, group in zip(literal, [*groups, ""], strict=True)))
