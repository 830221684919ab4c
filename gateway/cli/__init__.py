"""The commands: serve, check, simulator, demo, and the operator's, such as list, show, explain, inspect, resend.

Exit codes: 0 done; 1 it could not be done, and why is said on standard error; 2 the configuration or the command
line is wrong, everything that is wrong is listed.
"""

from typing import Annotated

import typer

from gateway.cli import checking, explain, faxes, inspect, services, users, webhooks
from gateway.config import LogSettings
from gateway.log import configure

app = typer.Typer(
    name="fax-gateway",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks would go round the log, which masks numbers and secrets
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(services.serve)
app.command()(checking.check)
app.command(name="list")(faxes.list_)
app.command()(faxes.show)
app.command()(explain.explain)
app.command()(inspect.inspect)
app.command()(faxes.cancel)
app.command()(faxes.resend)
app.add_typer(webhooks.app, name="webhook")
app.add_typer(users.app, name="user")
app.command()(services.simulator)
app.command()(services.demo)
app.command()(services.version)


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=services.say_version, is_eager=True, help="As `version`.")
    ] = False,
) -> None:
    """Mail to <number>@fax.local leaves as a fax through FAX.PLUS, and the sender hears how it went."""


def main() -> None:
    """Run the command line."""
    configure(LogSettings(format="console", level="warning"))  # `serve` takes its own from the configuration
    app()
