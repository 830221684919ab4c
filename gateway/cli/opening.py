"""What commands have in common: the configuration, errors in words, and a store and a desk opened for a moment."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError

from gateway.config import Config
from gateway.configfile import ConfigError, Problem, load, render
from gateway.daemon import opened_faxplus, opened_store, spool_of
from gateway.desk import Desk, RefusedHereError
from gateway.faxplus import FaxPlusError
from gateway.notice import LibraryError
from gateway.store import ClocksApartError, DatabaseBusyError, DatabaseNewerError, Store
from gateway.worker.ledger import Ledger

T = TypeVar("T")
ConfigPath = Annotated[
    Path, typer.Option("--config", envvar="FAX_GATEWAY_CONFIG", help="The configuration file.", dir_okay=False)
]
DEFAULT_CONFIG = Path("/etc/fax-gateway/config.toml")
AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]
WRONG = 2
FAILED = 1


def configured(path: Path) -> Config:
    """Load the configuration, or list everything that is wrong with it and exit."""
    try:
        return load(path, os.environ)
    except ConfigError as error:
        wrong(path, error.problems)


def wrong(path: Path, problems: tuple[Problem, ...] | list[Problem]) -> NoReturn:
    """List what is wrong with a configuration, and exit."""
    count = "one mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    print(f"{path}: {count}\n\n{render(problems)}", file=sys.stderr)
    raise typer.Exit(WRONG)


def failed(words: str) -> NoReturn:
    """Say why it could not be done, and exit."""
    print(words, file=sys.stderr)
    raise typer.Exit(FAILED)


def run(doing: Coroutine[Any, Any, T]) -> T:
    """Run a command to its end; what it may stumble over is said in words."""
    try:
        return asyncio.run(doing)
    except (RefusedHereError, ClocksApartError, DatabaseBusyError, DatabaseNewerError, LibraryError) as error:
        failed(str(error))
    except FaxPlusError as error:
        failed(f"FAX.PLUS: {error.words}")
    except SQLAlchemyError as error:
        failed(f"the database: {getattr(error, 'orig', None) or error}")
    except OSError as error:
        failed(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")


@asynccontextmanager
async def opened_records(config: Config) -> AsyncIterator[Store]:
    """Open what is on record.

    Raises:
        RefusedHereError: there is nothing yet, nor the directory that it would lie in.
        OSError: we have no right to look.
    """
    if config.database is None:
        try:
            config.state.stat()
        except FileNotFoundError:
            raise RefusedHereError(f"there is no {config.state} yet; the first `fax-gateway serve` makes it") from None
    async with opened_store(config) as store:
        yield store


@asynccontextmanager
async def opened_desk(config: Config) -> AsyncIterator[Desk]:
    """Open the desk at which the operator acts on faxes. The daemon notices by itself, within seconds."""
    async with opened_records(config) as store, opened_faxplus(config) as faxplus:
        ledger = Ledger(
            store=store,
            operator=config.operator,
            kick=lambda: None,
            now=time.time,
            confirmations=config.confirmations,
        )
        yield Desk(store=store, spool=spool_of(config, store), ledger=ledger, faxplus=faxplus, now=time.time)
