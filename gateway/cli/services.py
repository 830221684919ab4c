"""Commands that run something: the gateway, the simulator, the demonstration."""

import asyncio
import os
import platform
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Annotated, Any

import structlog
import typer

from gateway import __version__
from gateway.cli.opening import DEFAULT_CONFIG, ConfigPath, configured, run, wrong
from gateway.config import LogSettings
from gateway.configfile import check
from gateway.log import configure
from gateway.simulator import SimulatorSettings
from gateway.simulator import serve as simulate

HIGHEST_PORT = 65535

log = structlog.get_logger()


def serve(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the gateway until SIGTERM or SIGINT."""
    from gateway import daemon  # noqa: PLC0415  # the other commands start faster without the doors

    os.umask(0o077)
    settings = configured(config)
    if problems := check(settings):
        wrong(config, problems)
    configure(settings.log)

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for told in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(told, stop.set)
        loop.add_signal_handler(signal.SIGHUP, _hung_up)
        await daemon.serve(settings, stop)

    run(until_told())


def _hung_up() -> None:
    """A terminal that closes, or somebody who wants files read again, ends no gateway: nobody would start it again."""
    log.warning(
        "hangup.ignored",
        hint="certificates and logins are read anew by themselves, except systemd's copies; for all else, restart",
    )


def simulator(
    port: Annotated[
        int, typer.Option(help="The port on 127.0.0.1; 0 is any free one.", min=0, max=HIGHEST_PORT)
    ] = 8900,
    token: Annotated[str | None, typer.Option(help="The only token to let in; any, when left out.")] = None,
    speed: Annotated[float, typer.Option(help="How much faster than in real life faxes are sent.", min=0.01)] = 1.0,
) -> None:
    """Run a FAX.PLUS of your own, for a dry run: set faxplus.base_url to the address that it prints."""
    configure(LogSettings(format="console"))
    settings = SimulatorSettings(token=token, speed=speed)
    run(_until_told(simulate("127.0.0.1", port, settings, listening=lambda url: print(url, flush=True))))


async def _until_told(serving: Coroutine[Any, Any, None]) -> None:
    """Serve until SIGTERM or SIGINT, also where whoever started us had SIGINT ignored, as background jobs have."""
    task = asyncio.ensure_future(serving)
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def demo() -> None:
    """Show the whole journey on the built-in simulator: mail in, fax out, confirmation back."""
    from gateway.demo import show  # noqa: PLC0415  # nobody else needs it

    raise typer.Exit(run(show()))


def say_version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it with the option's value
    """Do as `version`, and no more."""
    if wanted:
        version()
        raise typer.Exit


def version() -> None:
    """Say which version this is."""
    print(f"fax-gateway {__version__} on Python {platform.python_version()}")
