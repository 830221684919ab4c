"""What the libraries written in C say on standard error: libtiff tells of unreadable lines there, and nowhere else."""

import os

_AT_ONCE = 65536  # octets, as much as a pipe holds; more is dropped


class Complaints:
    """Takes standard error's place in this process; it may quote a document, so it goes nowhere else."""

    def __init__(self) -> None:
        self._heard, spoken = os.pipe()
        for end in (self._heard, spoken):
            os.set_blocking(end, False)
        os.dup2(spoken, 2)
        os.close(spoken)

    def heard(self) -> bytes:
        """What was said since this was asked last."""
        try:
            return os.read(self._heard, _AT_ONCE)
        except BlockingIOError:
            return b""
