"""The child process: opens one document after the other, and answers each in one line of JSON.

It reads requests from standard input and ends with it. Its parent is `gateway.inspector.process`.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from gateway.inspector import pdf, tiff
from gateway.inspector.complaints import Complaints
from gateway.inspector.confine import allow_cpu, confine
from gateway.inspector.unfit import DAMAGED, UnfitError

Opener: TypeAlias = Callable[[Path, int], int]


def main() -> None:
    """Serve until standard input ends. The first argument is the memory that is allowed, in octets."""
    confine(int(sys.argv[1]))
    heard = Complaints().heard
    openers: dict[str, Opener] = {"pdf": pdf.count_pages, "tiff": partial(tiff.count_pages, heard=heard)}
    _say({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        allow_cpu(request["seconds"])
        _say(answer(openers[request["kind"]], Path(request["path"]), request["pages"]))


def answer(opener: Opener, path: Path, limit: int) -> dict[str, Any]:
    """Open one document.

    Returns:
        "pages"; or "words" that refuse it; or "failed", if the file cannot be read at all. With "spent" this process
        should open no more.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        return {"failed": str(error)}
    try:
        return {"pages": opener(path, limit)}
    except UnfitError as refusal:
        return {"words": refusal.words}
    except MemoryError:
        return {"words": "needs too much memory to be opened; print it to PDF and send that", "spent": True}
    except Exception:  # noqa: BLE001  # the libraries may raise anything over a foreign file
        return {"words": DAMAGED, "spent": True}


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
