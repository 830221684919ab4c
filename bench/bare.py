"""What `bench.accept` is held against: aiosmtpd as it comes, with a handler that syncs each mail to a file of its own.

`python -m bench.bare DIRECTORY` prints its port and serves until it is killed.
"""

import asyncio
import itertools
import os
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class Syncing:
    """Keeps mails as safely as 250 promises, and does nothing else."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names = itertools.count()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a mail."""
        await asyncio.to_thread(self._keep, self._directory / str(next(self._names)), envelope.original_content)
        return "250 2.0.0 kept"

    def _keep(self, path: Path, content: bytes) -> None:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        directory = os.open(self._directory, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)


async def main() -> None:
    """Serve."""
    handler, loop = Syncing(Path(sys.argv[1])), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=64_000_000, loop=loop, decode_data=False), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
