"""What goes wrong on the wire, on request: which requests it befalls, how often, and how."""

import random
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Kind = Literal["reset", "lost_answer", "status", "slow", "endless", "malformed", "wrong_types"]
"""
reset        the connection is reset before anything is done
lost_answer  the work is done, no answer comes, after `seconds` the connection is closed
status       the answer is `status` and nothing is done, unless `work_done`
slow         nothing happens for `seconds`, then all is well; the work is done even if the client has gone meanwhile
endless      the answer begins and never ends; nothing is done
malformed    the work is done, the answer's JSON breaks off in the middle
wrong_types  the work is done, every value in the answer's JSON has another type
"""


class Fault(BaseModel):
    """One thing that goes wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    method: str = "*"
    path: str = Field("*", description="glob over the whole path, such as /v3/accounts/*/outbox")
    count: int | None = Field(1, ge=1, description="how many requests it befalls; None: all")
    probability: float = Field(1.0, ge=0, le=1, description="how likely a request that fits is befallen")
    status: int = Field(503, ge=400, le=599)
    retry_after: str | None = Field(None, description="the Retry-After header of a status")
    seconds: float = Field(0.0, ge=0, allow_inf_nan=False)
    work_done: bool = False

    def fits(self, method: str, path: str) -> bool:
        """Whether it may befall such a request."""
        return self.method in {"*", method} and fnmatchcase(path, self.path)


FAULTS: TypeAdapter[Fault | list[Fault]] = TypeAdapter(Fault | list[Fault])


class Faults:
    """The faults that are on order; the first that fits a request befalls it."""

    def __init__(self, *faults: Fault, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random(0)  # noqa: S311  # draws nuisances, not secrets
        self._ordered: list[Fault] = list(faults)

    def add(self, *faults: Fault) -> None:
        """Order more faults."""
        self._ordered.extend(faults)

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self._ordered.clear()

    @property
    def ordered(self) -> list[Fault]:
        """What is still to go wrong; `count` says how often."""
        return list(self._ordered)

    def pick(self, method: str, path: str) -> Fault | None:
        """Take the fault that befalls this request, if any."""
        for place, fault in enumerate(self._ordered):
            if fault.fits(method, path) and self._chance.random() < fault.probability:
                self._use_up(place, fault)
                return fault
        return None

    def _use_up(self, place: int, fault: Fault) -> None:
        if fault.count == 1:
            del self._ordered[place]
        elif fault.count is not None:
            self._ordered[place] = fault.model_copy(update={"count": fault.count - 1})
