"""The page that FAX.PLUS sets before the documents of a fax."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What stands on it; FAX.PLUS's `CoverPage`, and the names of its fields (SDK 3.0.5, outbox_cover_page.py)."""

    name_to: str
    name_from: str
    subject: str
    message: str
