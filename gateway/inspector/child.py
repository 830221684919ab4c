"""The child process: opens one document after the other, and answers each in one line of JSON.

It reads requests from standard input and ends with it. Its parent is `gateway.inspector.process`.
"""

import errno
import json
import resource
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from gateway.inspector import pdf, picture, text, tiff
from gateway.inspector.complaints import Complaints
from gateway.inspector.confine import allow_cpu, confine
from gateway.inspector.finding import Finding
from gateway.inspector.join import join
from gateway.inspector.unfit import DAMAGED, TOO_LARGE, TOO_MUCH, UnfitError
from gateway.submission import Kind

Opener: TypeAlias = Callable[[Path, Path, int], Finding]
"""Opens the document at the first path, with at most so many pages. The second path is where it may write what is to
be faxed instead."""

_OUR_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EMFILE, errno.ENFILE)


def main() -> None:
    """Serve until standard input ends. The first argument is the memory that is allowed, in octets."""
    memory = int(sys.argv[1])
    sealed = confine(memory)
    heard = Complaints().heard
    _say({"ready": True, "sealed": sealed})
    for line in sys.stdin:
        request = json.loads(line)
        allow_cpu(request["seconds"])
        said = answer(_opener(request, heard), Path(request["path"]), Path(request["target"]), request["pages"])
        _say(said | ({"spent": True} if grown(memory) else {}))


def grown(memory: int) -> bool:
    """Whether this process keeps so much memory that the next document might lack some of it (proc(5), statm)."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return False
    return pages * resource.getpagesize() > memory // 2


def _opener(request: dict[str, Any], heard: Callable[[], bytes]) -> Opener:
    match request["kind"]:
        case Kind.PDF:
            return pdf.inspect
        case Kind.TIFF:
            return partial(tiff.inspect, heard=heard)
        case Kind.PICTURE:
            return picture.inspect
        case Kind.TEXT:
            return text.inspect
        case "page of pdf" | "page of tiff" as page:
            return _drawer(page)
    parts = [(Path(path), Kind(kind)) for path, kind in request["parts"]]
    return lambda _, target, limit: join(parts, target, limit)


def _drawer(page: str) -> Opener:
    """What draws pages is loaded only where pages are drawn: it is large."""
    from gateway.inspector import drawing  # noqa: PLC0415  # see above

    return drawing.draw_pdf if page == "page of pdf" else drawing.draw_tiff


def answer(opener: Opener, path: Path, target: Path, limit: int) -> dict[str, Any]:
    """Open one document.

    Returns:
        "found"; or "words" that refuse it; or "failed", if a file cannot be read or written at all. With "spent" this
        process should open no more.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        return {"failed": str(error)}
    try:
        return {"found": opener(path, target, limit).as_json()}
    except UnfitError as refusal:
        return {"words": refusal.words}
    except MemoryError:
        return {"words": TOO_MUCH, "spent": True}
    except OSError as error:
        return _not_written(error)
    except Exception:  # noqa: BLE001  # the libraries may raise anything over a foreign file
        return {"words": DAMAGED, "spent": True}


def _not_written(error: OSError) -> dict[str, Any]:
    if error.errno in _OUR_TROUBLE:
        return {"failed": str(error), "spent": True}
    return {"words": TOO_LARGE if error.errno == errno.EFBIG else DAMAGED, "spent": True}


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
