"""The words of one language, filled in."""

from collections.abc import Mapping
from datetime import UTC, tzinfo

from gateway.notice.phrases import Phrases
from gateway.outcome import MEANINGS, Advice, Ending, meaning, shown


class Words:
    """A catalogue of words, and how they are put together."""

    def __init__(self, language: str, entries: Mapping[str, str], phrases: Phrases, zone: tzinfo = UTC) -> None:
        self.language = language  #: as in `Content-Language`
        self.zone = zone  #: in which times are told
        self._entries = entries
        self._phrases = phrases

    def __call__(self, key: str, **fill: object) -> str:
        """Return the words of a key, with what stands in braces filled in."""
        return self._entries[key].format(**fill)

    def counted(self, noun: str, count: int) -> str:
        """Count something: pages, attempts."""
        return self(f"count.{noun}" if count == 1 else f"count.{noun}s", count=count)

    def about(self, first: str, then: str) -> str:
        """Write what it is about, and what is said of it; with a colon, as the language sets it."""
        return f"{first}{self('fact.colon')} {then}"

    def advice(self, advice: Advice) -> str:
        """Say what the sender can do."""
        return self(f"advice.{advice}")

    def status(self, status: str) -> str:
        """Say what a word of FAX.PLUS means; a word that nobody knows is shown, cut and clean."""
        if status in MEANINGS:
            return self(f"status.{status}")
        new = "new_failure" if meaning(status).ending is Ending.PERMANENT else "new_word"
        return self(f"status.{new}", word=shown(status))

    def said(self, english: str) -> str:
        """Say what stands on record in English: a repair, a refusal, why something was left out."""
        return self._phrases.said(english)
