"""Holds sending back while it makes no sense: FAX.PLUS wants the operator, or is not to be reached."""

TROUBLES = 3
"""Failures in a row, whatever the fax, after which it is FAX.PLUS and not the fax."""
LONGEST = 600.0
"""Seconds that sending rests at most."""
REMEMBERED = 1000
"""Numbers that the gate knows others to have got past. Should there ever be more, the oldest may close it again."""


class Gate:
    """Closed for a while after trouble, longer each time; then one fax tries it before the others follow.

    So a day without FAX.PLUS costs a request every ten minutes, and no fax suffers for what is not its fault.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._closed_at = float("-inf")
        self._closed_for = pause
        self._troubles = 0
        self._doubtful = False
        self._turned_away: set[str] = set()
        self._passed_by: dict[str, None] = {}

    def close(self, now: float, number: str) -> None:
        """FAX.PLUS wants the operator: nothing goes through before.

        Unless others got past when it last turned this number away: then it is the number, and not all.
        """
        if number in self._passed_by:
            return
        self._turned_away.add(number)
        self._close(now, self._pause)

    def trouble(self, now: float) -> None:
        """FAX.PLUS could not be reached, or did not do what it was asked."""
        self._troubles += 1
        if self._troubles >= TROUBLES:
            self._close(now, self._rest())

    def open(self, number: str) -> None:
        """FAX.PLUS took a fax to this number, or had another reason not to: the others may follow."""
        self._troubles = 0
        self._doubtful = False
        self._passed_by |= dict.fromkeys(self._turned_away)
        self._passed_by.pop(number, None)
        self._turned_away.clear()
        for oldest in list(self._passed_by)[:-REMEMBERED]:
            del self._passed_by[oldest]

    def wait(self, now: float) -> float:
        """Seconds until sending may go on; 0 when it may."""
        passed = now - self._closed_at
        # A clock that was set back must not keep the gate closed until it has caught up.
        return self._closed_for - passed if 0 <= passed < self._closed_for else 0.0

    def admits(self) -> int | None:
        """How many may try now: one while in doubt, else any number (None)."""
        return 1 if self._doubtful else None

    def _close(self, now: float, seconds: float) -> None:
        self._closed_at, self._closed_for = now, seconds
        self._doubtful = True

    def _rest(self) -> float:
        doublings = min(max(0, self._troubles - TROUBLES), 10)
        return float(min(LONGEST, self._pause * 2**doublings))
