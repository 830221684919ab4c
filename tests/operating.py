"""The operator at the command line, for tests: commands in this process, and as processes of their own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from structlog.testing import capture_logs
from typer.testing import CliRunner

from gateway.cli import app
from gateway.store import Store, Writer, open_engine
from tests.workshop import OPERATOR

ROOT = Path(__file__).parents[1]
CONFIG = """\
operator = "{operator}"
state    = "{place}/state"

[faxplus]
token_file      = "{place}/token"
from            = "+12025550100"
base_url        = "{faxplus}"
request_timeout = "5s"

[[listener]]
name    = "test"
address = "127.0.0.1:0"
"""


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


def gateway(*arguments: str | Path, typed: str | None = None) -> Said:
    """Run a command in this process; `typed` is what the operator types."""
    with capture_logs():  # `main` keeps them apart from the output; here nobody else does
        result = CliRunner().invoke(app, [str(one) for one in arguments], input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


async def program(*arguments: str | Path, **environment: str) -> Said:
    """Run a command as the operator does, in a process of its own and in another directory."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", *map(str, arguments)),
        stdout=PIPE,
        stderr=PIPE,
        cwd="/",
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )
    out, err = await process.communicate()
    return Said(process.returncode or 0, out.decode(), err.decode())


def a_secret(path: Path, text: str) -> Path:
    """A file that holds a secret, and that nobody else can read."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def a_config(place: Path, *more: str, faxplus: str = "http://127.0.0.1:9/v3") -> Path:
    """A configuration with everything that it names in place; `more` stands before the sections."""
    (place / "state").mkdir(exist_ok=True)
    a_secret(place / "token", "alohi_pat_test")
    path = place / "config.toml"
    path.write_text("\n".join([*more, CONFIG.format(operator=OPERATOR, place=place, faxplus=faxplus)]))
    return path


@asynccontextmanager
async def the_store(place: Path) -> AsyncIterator[Store]:
    """The store that such a configuration leads to."""
    (place / "state").mkdir(exist_ok=True)
    writer = Writer(open_engine(place / "state", None))
    try:
        yield Store(writer)
    finally:
        writer.close()
