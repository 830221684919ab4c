"""The refusal of one document, inside the child process."""


class UnfitError(Exception):
    """A document that cannot be faxed; its words follow the document's name in a sentence, remedy included."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


DAMAGED = "is damaged; make it anew, or print it to PDF, and send that"
CUT_OFF = "is cut off: its end is missing; send it again"
TOO_MUCH = "needs too much memory to be opened; print it to PDF and send that"
TOO_LARGE = "would be too large after a repair that it needs; print it to PDF and send that"


def too_many(limit: int) -> UnfitError:
    """Refuse a document with more pages than may be faxed."""
    return UnfitError(f"has more than the {limit} pages that may be faxed at once; send it in parts")
