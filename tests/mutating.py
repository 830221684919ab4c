"""`python -m tests.mutating --cases 20000`: damages the documents of the gallery at random and has them inspected.

Whatever comes in, only what is documented may come out: a finding, or one of the refusals below. It prints how often
each came, the longest inspection, and the memory of the process that asks.
"""

import argparse
import asyncio
import os
import random
import re
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.config import LimitSettings
from gateway.inspector import Finding, Inspector, UnreadableError
from gateway.samples import LETTER, SCAN
from gateway.submission import Kind
from tests.documents import DOCUMENTS

LIMITS = LimitSettings(inspection="5s", inspection_memory="400 MB")
REFUSALS = (
    "cannot be opened; print",
    "has a page of [0-9]+ by [0-9]+ pixels, too many",
    "has a page that comes out empty though it is not",
    "has a page that is black from edge to edge",
    "has colours that cannot be faxed",
    "has lines that cannot be read",
    "has more than the [0-9]+ pages",
    "has no pages",
    "is a form that only Adobe's programs can show",
    "is a form with entries that cannot be drawn",
    "is a form with letters that cannot be drawn here",
    "is a portfolio",
    "is cut off",
    "is encrypted for certain readers",
    "is damaged",
    "is damaged or has an unusual coding",
    "is in (an old JPEG coding|JBIG coding|fax colours|layers)",
    "needs a password",
    "needs too much memory",
    "takes too long to open",
    "would be too large after a repair",
)
"""All that may be said of a document that is not faxed; each goes on with what to do."""

_CUTS = 0.2  # of the times that it is its turn: nearly all that are cut off end alike
_NUMBERS = (0, 1, 2, 3, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)


def sources() -> list[tuple[bytes, Kind]]:
    """What is damaged: the gallery and the samples."""
    kinds = {".pdf": Kind.PDF, ".tif": Kind.TIFF}
    paths = [LETTER, SCAN, *sorted(path for path in DOCUMENTS.iterdir() if path.suffix in kinds)]
    return [(path.read_bytes(), kinds[path.suffix]) for path in paths]


def damaged(octets: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A document with a few faults."""
    found = bytearray(octets)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        chance.choice(_FAULTS)(found, others, chance)
    return bytes(found)


def _flip(found: bytearray, others: list[bytes], chance: random.Random) -> None:
    if found:
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)


def _cut(found: bytearray, others: list[bytes], chance: random.Random) -> None:
    if chance.random() < _CUTS:
        del found[chance.randrange(len(found) + 1) :]


def _lose(found: bytearray, others: list[bytes], chance: random.Random) -> None:
    begin = chance.randrange(len(found) + 1)
    del found[begin : begin + chance.randrange(1, 200)]


def _repeat(found: bytearray, others: list[bytes], chance: random.Random) -> None:
    begin = chance.randrange(len(found) + 1)
    found[begin:begin] = found[begin : begin + chance.randrange(1, 2000)] * chance.randrange(1, 4)


def _graft(found: bytearray, others: list[bytes], chance: random.Random) -> None:
    other = chance.choice(others)
    begin, place = chance.randrange(len(other)), chance.randrange(len(found) + 1)
    found[place:place] = other[begin : begin + chance.randrange(1, 2000)]


def _number(found: bytearray, others: list[bytes], chance: random.Random) -> None:
    """Change a number: in text as PDF writes it, or in four octets as TIFF does, near its end where directories lie."""
    written = [place.span() for place in re.finditer(rb"\d+", bytes(found[-4000:]))]
    if written and found.startswith(b"%PDF"):
        begin, end = chance.choice(written)
        offset = max(0, len(found) - 4000)
        found[offset + begin : offset + end] = str(chance.choice(_NUMBERS)).encode()
    elif len(found) > 400:
        place = chance.choice((chance.randrange(4, 300), len(found) - chance.randrange(4, 300)))
        found[place : place + 4] = chance.choice(_NUMBERS).to_bytes(4, "little")


_FAULTS: tuple[Callable[[bytearray, list[bytes], random.Random], None], ...] = (
    _flip,
    _cut,
    _lose,
    _repeat,
    _graft,
    _number,
    _number,
)


class Trial:
    """Inspections of damaged documents, and what came of them."""

    def __init__(self, seed: int) -> None:
        self.outcomes: Counter[str] = Counter()
        self.longest = 0.0
        self.left: list[str] = []
        self.undocumented: list[str] = []
        self._chance = random.Random(seed)
        self._sources = sources()

    async def run(self, cases: int) -> None:
        """Have so many documents inspected, two at a time."""
        inspector = Inspector(LIMITS)
        await inspector.start()
        try:
            with tempfile.TemporaryDirectory() as directory:
                turns = iter(range(cases))
                await asyncio.gather(*(self._worker(inspector, Path(directory), turns) for _ in range(2)))
                self.left = sorted(os.listdir(directory))  # noqa: PTH208  # in async code pathlib is refused
        finally:
            await inspector.close()

    async def _worker(self, inspector: Inspector, directory: Path, turns: Iterator[int]) -> None:
        for turn in turns:
            octets, kind = self._chance.choice(self._sources)
            path = directory / f"{turn}"
            mutant = damaged(octets, [other for other, _ in self._sources], self._chance)
            await asyncio.to_thread(path.write_bytes, mutant)
            begun = time.monotonic()
            self._count(await self._outcome(inspector, path, kind), turn)
            self.longest = max(self.longest, time.monotonic() - begun)
            await asyncio.to_thread(path.unlink)

    async def _outcome(self, inspector: Inspector, path: Path, kind: Kind) -> str:
        try:
            finding = await inspector.inspect(path, kind, "a")
        except UnreadableError as refusal:
            return refusal.words.removeprefix('"a" ')
        return await asyncio.to_thread(_kind_of, finding)

    def _count(self, outcome: str, turn: int) -> None:
        known = outcome in ("fit", "repaired") or any(re.match(words, outcome) for words in REFUSALS)
        self.outcomes[re.sub(r"\d+", "N", outcome).partition(";")[0]] += 1
        if not known:
            self.undocumented.append(f"case {turn}: {outcome}")


def _kind_of(finding: Finding) -> str:
    if finding.repaired is None:
        return "fit" if finding.pages else "fit without pages"
    whole = finding.repaired.read_bytes().startswith(b"%PDF-")
    finding.repaired.unlink()
    return "repaired" if whole and finding.pages else "repaired into nothing"


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    trial, begun = Trial(asked.seed), time.monotonic()
    asyncio.run(trial.run(asked.cases))
    seconds, memory = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for outcome, times in trial.outcomes.most_common():
        print(f"{times:7d}  {outcome}")  # noqa: T201  # a command line prints
    print(f"{asked.cases} cases, seed {asked.seed}: {seconds:.0f} s, longest {trial.longest:.2f} s, {memory} MB here")  # noqa: T201  # likewise
    print(f"undocumented: {trial.undocumented or 'none'}; left behind: {trial.left or 'none'}")  # noqa: T201  # likewise


if __name__ == "__main__":
    main()
