"""Reading mails of 300 KB, 5 MB and 25 MB, and inspecting what is attached: a scan as PDF, and as TIFF.

A TIFF has no more pages than may be faxed at once, which makes the last one smaller.
`python -m bench.documents` prints for each how long reading takes here and with the standard library, how long reading,
unpacking and inspecting take together, what that adds to this process's memory, and how late its event loop was.
"""

import asyncio
import email
import email.policy
import io
import random
import re
import tempfile
import time
from collections.abc import Callable, Coroutine
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from pikepdf import Dictionary, Name, Pdf, Stream
from PIL import Image, ImageDraw

from gateway import message
from gateway.config import LimitSettings
from gateway.inspector import Inspector
from gateway.smtp import examine
from gateway.spool import Draft, Spool

SIZES = {"300 KB": 300_000, "5 MB": 5_000_000, "25 MB": 25_000_000}
ROUNDS = 3
MOST_PAGES = 200
PAGE = (1728, 2200)
BEAT = 0.001
"""Seconds between two looks at the event loop's clock."""


async def main() -> None:
    """Measure, and print."""
    inspector = Inspector(LimitSettings(inspection="60s"))
    await inspector.start()
    try:
        with tempfile.TemporaryDirectory(prefix="faxgw-bench") as place:
            for size, octets in SIZES.items():
                for kind, make in (("pdf", _pdf), ("tiff", _tiff)):
                    mail = _mail(f"scan.{kind}", make(octets * 3 // 4))
                    print(f"{size:>6} {kind:4} {await _measured(Spool(Path(place)), mail, inspector)}")
    finally:
        await inspector.close()


async def _measured(spool: Spool, mail: bytes, inspector: Inspector) -> str:
    reading, examining, gaps = [], [], []
    before = _memory(anew=True)
    for turn in range(ROUNDS):
        draft = spool.draft(f"mail{turn}")
        draft.write(mail)
        draft.flush()
        reading.append(_timed(lambda: message.read(draft.path, draft.append)))  # noqa: B023  # called at once
        seconds, beats = await _beating(_examine(draft, inspector))
        examining.append(seconds)
        gaps += beats
        draft.discard()
    memory = _memory() - before
    stdlib = [_timed(lambda: _with_the_standard_library(mail)) for _ in range(ROUNDS)]
    return (
        f"read_ms={_ms(reading)} stdlib_ms={_ms(stdlib)} ratio={median(stdlib) / median(reading):.0f} "
        f"all_ms={_ms(examining)} memory_mb={memory:.0f} "
        f"gap_p99_ms={quantiles(gaps, n=100)[98] * 1000:.1f} gap_longest_ms={max(gaps) * 1000:.1f}"
    )


async def _examine(draft: Draft, inspector: Inspector) -> None:
    await examine.documents(draft, await examine.read(draft), inspector.inspect, inspector.join)


async def _beating(work: Coroutine[Any, Any, None]) -> tuple[float, list[float]]:
    """Do something; return how long it took, and by how much each beat of the event loop meanwhile was late."""
    task, began, late = asyncio.ensure_future(work), time.perf_counter(), [0.0, 0.0]
    while not task.done():
        beat = time.perf_counter()
        await asyncio.sleep(BEAT)
        late.append(time.perf_counter() - beat - BEAT)
    await task
    return time.perf_counter() - began, late


def _memory(*, anew: bool = False) -> float:
    """The most that this process had in memory, in MB: ever, or from now on."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # proc(5)
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0.0


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _ms(seconds: list[float]) -> str:
    return f"{median(seconds) * 1000:.1f}({min(seconds) * 1000:.1f}-{max(seconds) * 1000:.1f})"


def _with_the_standard_library(mail: bytes) -> int:
    parsed = email.message_from_bytes(mail, policy=email.policy.default)
    return sum(len(part.get_payload(decode=True) or b"") for part in parsed.walk() if not part.is_multipart())


def _mail(name: str, content: bytes) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "a scan"
    mail.set_content("Hello")
    mail.add_attachment(content, "application", "octet-stream", filename=name)
    return mail.as_bytes()


def _page(number: int) -> Image.Image:
    """A page with as much on it as a page of dense text has: a hundred thousand octets in Group 4."""
    chance = random.Random(number)  # noqa: S311  # a drawing
    picture = Image.new("1", PAGE, 1)
    pen = ImageDraw.Draw(picture)
    for _ in range(25_000):
        left, top = chance.randrange(PAGE[0]), chance.randrange(PAGE[1])
        pen.rectangle((left, top, left + chance.randrange(12), top + chance.randrange(12)), fill=0)
    return picture


def _tiff(octets: int) -> bytes:
    return _pages(octets, lambda number: _page(number % 7))


def _pages(octets: int, page: Callable[[int], Image.Image]) -> bytes:
    one = io.BytesIO()
    page(0).save(one, "TIFF", compression="group4")
    pages = [page(number) for number in range(min(MOST_PAGES, max(1, octets // len(one.getvalue()))))]
    whole = io.BytesIO()
    pages[0].save(whole, "TIFF", compression="group4", dpi=(204, 196), save_all=True, append_images=pages[1:])
    return whole.getvalue()


def _pdf(octets: int) -> bytes:
    """Pages of a colour scan: JPEG streams of half a megabyte, or as much as is wanted."""
    with Pdf.new() as pdf:
        for begin in range(0, octets, 500_000):
            page = pdf.add_blank_page(page_size=(612, 792))
            noise = random.Random(begin).randbytes(min(500_000, octets - begin))  # noqa: S311  # a photograph
            picture = Stream(pdf, noise)
            picture.Type, picture.Subtype, picture.Filter = Name.XObject, Name.Image, Name.DCTDecode
            page.obj.Resources = Dictionary(XObject=Dictionary(P=picture))
            page.obj.Contents = pdf.make_stream(b"q 612 0 0 792 0 0 cm /P Do Q")
        made = io.BytesIO()
        pdf.save(made)
        return made.getvalue()


if __name__ == "__main__":
    asyncio.run(main())
