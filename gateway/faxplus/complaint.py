"""What FAX.PLUS itself says in a refusal, and what that is about: the number we send from, an upload, or the fax."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_LINE = 200
"""Characters of a foreign text that are shown."""

OUR_NUMBER = re.compile(
    r"""
    ^\W*(the\W+)?(from|sender|caller)(?![a-z]|_fax|'s)          # "from: not yours"; not "the sender's file"
    | _(from|sender|caller)$                                    # invalid_from; not "gone from storage"
    | (from|sender|caller)["'`\]]*[ _-](number|field)\b         # "the 'from' number"
    | caller[ _-]?id\b
    | ["'`\[](from|sender|caller)["'`\]] | \bbody\.from\b       # "unknown value in 'from'"
    | \b(field|parameter|property|required)\W+(from|sender|caller)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
AN_UPLOAD = re.compile(r"(\b|_)(files?|uploads?|documents?)(\b|_)|/storage|transient", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Complaint:
    """The body of a refusal (SDK: error.py). Both may be empty."""

    code: str = ""
    description: str = ""

    def __str__(self) -> str:
        """Write both on one line."""
        return f"{self.code}: {self.description}" if self.code and self.description else self.code or self.description

    @property
    def about_our_number(self) -> bool:
        """Whether it names the number we send from. Then it is about our settings, and every fax would meet it."""
        return self._matches(OUR_NUMBER)

    @property
    def about_an_upload(self) -> bool:
        """Whether it names a document that was uploaded. Uploads expire."""
        return self._matches(AN_UPLOAD)

    def _matches(self, matter: re.Pattern[str]) -> bool:
        return any(matter.search(text) for text in (self.code, self.description))


def read_complaint(body: object) -> Complaint:
    """Read the JSON of a refusal, if there was any; a proxy's may be anything."""
    if not isinstance(body, Mapping):
        return Complaint()
    said = [plain(text) if isinstance(text, str) else "" for text in (body.get("error"), body.get("description"))]
    return Complaint(*said)


def plain(text: str) -> str:
    """Make one short line of a foreign text."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))[:LONGEST_LINE]
