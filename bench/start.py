"""Starts a gateway on an empty queue and on one of 100,000 faxes: how long until it takes mail, and how it begins.

`python -m bench.start` prints both times, their ratio, and how many faxes FAX.PLUS was given in the first ten seconds.
"""

import asyncio
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from gateway import samples
from gateway.spool import Spool
from gateway.store import Store, Writer, open_engine
from gateway.submission import Kind
from tests.outlasting import unique
from tests.running import Surroundings, gateway_process, surroundings
from tests.values import a_document, a_fax, a_submission

QUEUED = 100_000
EACH = 100
"""Faxes of one mail."""
WATCHED = 10.0
"""Seconds for which the beginning is watched."""


async def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="faxgw-bench") as place:
        async with surroundings(Path(place), seconds_to_convert=3600.0) as around:
            around.configure(ask_after="60s")
            empty = await _start(around.config)
            await _fill(around)
            began = time.perf_counter()
            async with gateway_process(around.config):
                full = time.perf_counter() - began
                await asyncio.sleep(WATCHED)
                given = len(around.account.jobs)
    print(
        f"queued={QUEUED} ready_empty_s={empty:.2f} ready_full_s={full:.2f} ratio={full / empty:.2f} "
        f"given_in_{WATCHED:.0f}s={given}"
    )


async def _start(config: Path) -> float:
    began = time.perf_counter()
    async with gateway_process(config) as gateway:
        seconds = time.perf_counter() - began
        await gateway.stop()
    return seconds


async def _fill(around: Surroundings) -> None:
    """Queue many faxes, as if FAX.PLUS had been away for a day."""
    state, now = around.place / "state", time.time()
    writer = Writer(open_engine(state, None))
    store, spool = Store(writer), Spool(state / "spool")
    document = samples.LETTER.read_bytes()
    kept = {"offset": 0, "length": len(document), "size": len(document), "encoding": "identity", "pages": 3}
    for mail in range(QUEUED // EACH):
        id = f"mail{mail}"
        spool.path(id).write_bytes(document)
        one = a_document(kind=Kind.PDF, sha256=sha256(document).hexdigest(), **kept)
        times = {"due_at": now, "created_at": now, "queued_at": now}
        numbers = [unique(mail * EACH + serial, "000") for serial in range(EACH)]
        faxes = [a_fax(id=f"{id}.{n}", submission_id=id, number=to, **times) for n, to in enumerate(numbers)]
        await store.accept(a_submission(id=id, received_at=now, documents=(one,), left_out=()), faxes)
    writer.close()


if __name__ == "__main__":
    asyncio.run(main())
