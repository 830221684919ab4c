"""What was found in a document, and what was done to it. Plain values, also as JSON between child and parent."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from gateway.submission import Kind

FEW = 5
"""Page numbers that are listed; of more, only how many is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A document that can be faxed: as it is, or as it was repaired."""

    kind: Kind  #: of what is to be faxed
    pages: int
    sizes: tuple[tuple[float, float], ...] = ()  #: of each page as it will be faxed, width and height in points
    locked: bool = False  #: it could be opened without a password, and was encrypted for all that
    blank: tuple[int, ...] = ()  #: numbers of pages without anything on them, from 1
    changes: tuple[str, ...] = ()  #: what was repaired, in words for the sender
    repaired: Path | None = None  #: where what is to be faxed lies; None: it is the document as it came

    @property
    def remarks(self) -> str:
        """What its sender should know of it, in words that follow its name; empty if nothing."""
        return "; ".join(self.changes + ((f"{numbered(self.blank)} blank",) if self.blank else ()))

    def as_json(self) -> dict[str, Any]:
        """Itself, to be written to the parent."""
        return asdict(self) | {"repaired": str(self.repaired) if self.repaired else None}

    @classmethod
    def from_json(cls, answer: dict[str, Any]) -> Self:
        """What `as_json` wrote."""
        return cls(
            kind=Kind(answer["kind"]),
            pages=int(answer["pages"]),
            sizes=tuple((float(width), float(height)) for width, height in answer["sizes"]),
            locked=bool(answer["locked"]),
            blank=tuple(answer["blank"]),
            changes=tuple(answer["changes"]),
            repaired=Path(answer["repaired"]) if answer["repaired"] else None,
        )


def numbered(pages: tuple[int, ...]) -> str:
    """Pages by their numbers, with their verb: "page 2 is", "pages 2, 3 are"; of many only how many."""
    if len(pages) == 1:
        return f"page {pages[0]} is"
    return f"{len(pages)} pages are" if len(pages) > FEW else f"pages {', '.join(map(str, pages))} are"
