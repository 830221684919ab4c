"""Starts the real gateway so that it kills itself at a named point: before or after one of its calls to the outside.

`python -m tests.crashing POINT before|after N --config FILE` serves, and dies of SIGKILL at the Nth passage of the
point. The points are found, not written down: every public method of the classes through which everything durable
and everything outside is reached. What changes a fax is one point for each event, since each is a commit of its own.
"""

import inspect
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from itertools import count
from typing import Any, NamedTuple, get_args

from gateway import event
from gateway.cli import main
from gateway.faxplus import FaxPlus
from gateway.mailer import Mailer
from gateway.spool import Spool
from gateway.store import Shelf, Store

WAYS_OUT = (Store, Shelf, Spool, FaxPlus, Mailer)
Method = Callable[..., Any]


class Point(NamedTuple):
    """A place at which the process can die."""

    owner: type
    method: str
    event: type | None = None  #: of `Store.change`: only when this happened

    @property
    def name(self) -> str:
        """What the point is called, such as `FaxPlus.send` or `Store.change.Claimed`."""
        return ".".join([self.owner.__name__, self.method, *([self.event.__name__] if self.event else [])])


def points() -> dict[str, Point]:
    """Find every point there is, by its name."""
    found = [point for owner in WAYS_OUT for point in _of(owner)]
    return {point.name: point for point in found}


def _of(owner: type) -> list[Point]:
    names = [name for name, member in vars(owner).items() if inspect.isfunction(member) and not name.startswith("_")]
    plain = [Point(owner, name) for name in names if (owner, name) != (Store, "change")]
    changes = [Point(owner, "change", kind) for kind in get_args(event.AnyEvent)] if owner is Store else []
    return plain + changes


class Trap:
    """Kills this process at the Nth passage of a point."""

    def __init__(self, point: Point, when: str, nth: int) -> None:
        self._point = point
        self._when = when
        self._nth = nth
        self._passages = count(1)

    def set(self) -> None:
        """Put itself around the method."""
        method: Method = getattr(self._point.owner, self._point.method)
        around = self._around_async if inspect.iscoroutinefunction(method) else self._around
        setattr(self._point.owner, self._point.method, around(method))

    def _around(self, method: Method) -> Method:
        @wraps(method)
        def passed(*given: Any, **named: Any) -> Any:
            self._passing("before", *given, *named.values())
            result = method(*given, **named)
            self._passing("after", *given, *named.values())
            return result

        return passed

    def _around_async(self, method: Method) -> Method:
        @wraps(method)
        async def passed(*given: Any, **named: Any) -> Any:
            self._passing("before", *given, *named.values())
            result = await method(*given, **named)
            self._passing("after", *given, *named.values())
            return result

        return passed

    def _passing(self, when: str, *given: Any) -> None:
        kind = self._point.event
        ours = when == self._when and (kind is None or any(isinstance(one, kind) for one in given))
        if ours and next(self._passages) == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)


def start(name: str, when: str, nth: str, *arguments: str) -> None:
    """Serve until the point is passed."""
    Trap(points()[name], when, int(nth)).set()
    sys.argv = ["fax-gateway", "serve", *arguments]
    main()


if __name__ == "__main__":
    start(*sys.argv[1:])
