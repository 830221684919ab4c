"""Holds sending back while FAX.PLUS wants the operator: a token, a right or credit is missing."""


class Gate:
    """Closed for a while after such an answer; then one fax tries it before the others follow."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._closed_at = float("-inf")
        self._doubtful = False

    def close(self, now: float) -> None:
        """FAX.PLUS wants the operator."""
        self._closed_at = now
        self._doubtful = True

    def open(self) -> None:
        """FAX.PLUS took something: all is well."""
        self._doubtful = False

    def wait(self, now: float) -> float:
        """Seconds until sending may go on; 0 when it may."""
        passed = now - self._closed_at
        # A clock that was set back must not keep the gate closed until it has caught up.
        return self._pause - passed if 0 <= passed < self._pause else 0.0

    def admits(self) -> int | None:
        """How many may try now: one while in doubt, else any number (None)."""
        return 1 if self._doubtful else None
