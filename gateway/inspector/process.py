"""One place for a child process: starts it, asks it, ends it when it takes too long, and starts another."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

import structlog

START = 60.0
"""Seconds that a child may take to import its libraries."""

DOCUMENTS = 2000
"""Documents that one child opens before another takes its place; a start costs as much as some hundred of them."""

# Isolated mode takes no path from outside; ours is handed over, so that a checkout works like an installed package.
_BOOT = "import sys; sys.path[:] = sys.argv[2:]; from gateway.inspector.child import main; main()"

log = structlog.get_logger()


class EndedError(Exception):
    """The child ended before it answered: it crashed, or the kernel ended it."""


class Child:
    """A place where a child process works. At most one question at a time."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._process: Process | None = None
        self._asked = 0
        self._ready = False

    async def launch(self) -> None:
        """Start a process, in place of one that may still run, and do not wait for it.

        Raises:
            OSError: it cannot be started.
        """
        await self.stop()
        self._asked = 0
        self._ready = False
        path = [directory for directory in sys.path if directory]
        arguments = (sys.executable, "-I", "-B", "-c", _BOOT, str(self._memory), *path)
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
        self._process = await asyncio.create_subprocess_exec(*arguments, stdin=PIPE, stdout=PIPE, env=environment)

    async def wait_ready(self) -> None:
        """Return when the process can be asked.

        Raises:
            OSError: it does not start.
        """
        if self._ready:
            return
        try:
            async with asyncio.timeout(START):
                ready = await self._answer()
        except (TimeoutError, EndedError) as error:
            await self.stop()
            raise OSError("the process that opens documents does not start") from error
        self._ready = True
        if not ready.get("sealed"):
            log.warning("inspector.not_sealed", reason="this kernel does not filter system calls")

    async def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Have a document opened.

        Args:
            request: what `gateway.inspector.child` reads.
            seconds: how long it may take.

        Raises:
            TimeoutError: it took longer.
            EndedError: the process ended.
            OSError: no process can be started.
        """
        if self._process is None or self._process.returncode is not None:
            await self.launch()
        await self.wait_ready()
        try:
            async with asyncio.timeout(seconds):
                answer = await self._exchange(request)
        except BaseException:
            # Its answer, if it still comes, would be taken for that to the next question.
            await self._replace()
            raise
        self._asked += 1
        if answer.get("spent") or self._asked >= DOCUMENTS:
            await self._replace()
        return answer

    async def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()  # waits, and closes the pipes

    async def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        process = self._running()
        if process.stdin is None:
            raise EndedError
        process.stdin.write(json.dumps(request).encode() + b"\n")
        with contextlib.suppress(ConnectionError):  # reading tells that it ended
            await process.stdin.drain()
        return await self._answer()

    async def _answer(self) -> dict[str, Any]:
        process = self._running()
        line = await process.stdout.readline() if process.stdout else b""
        if not line.endswith(b"\n"):
            raise EndedError
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _running(self) -> Process:
        if self._process is None:
            raise EndedError
        return self._process

    async def _replace(self) -> None:
        """Start the next process without waiting for it; a failure to do so belongs to the next question."""
        try:
            await self.launch()
        except OSError as error:
            log.warning("inspector.not_started", error=str(error))
