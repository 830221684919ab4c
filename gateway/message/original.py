"""A mail as its sender sent it: the spool has more behind it, which was unpacked or made from its documents."""

from pathlib import Path

_LONGEST_TRACE = 4096  # octets
_LAST_LINE = b"\r\n\tid "  # of our own trace header, which is in front


def read_original(path: Path, size: int, at_most: int | None = None) -> bytes:
    """Return a spooled mail with our trace header and without what was put behind it.

    Args:
        path: where it lies.
        size: octets that its sender sent.
        at_most: octets that are wanted; None: all.

    Raises:
        OSError: it cannot be read.
    """
    whole = original_end(path, size)
    with path.open("rb") as file:
        return file.read(whole if at_most is None else min(whole, at_most))


def original_end(path: Path, size: int) -> int:
    """Where a mail ends in its spool file, whose sender sent so many octets.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_LONGEST_TRACE)
    last = head.find(_LAST_LINE)
    trace = head.find(b"\n", last + len(_LAST_LINE)) + 1 if last >= 0 else 0
    return trace + size
