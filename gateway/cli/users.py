"""`user`: logins for SMTP. Passwords are kept as argon2 hashes only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway import users
from gateway.cli.opening import DEFAULT_CONFIG, ConfigPath, configured, failed
from gateway.users import UsersFileError

app = typer.Typer(help="Logins for SMTP.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The login.")]


@app.command()
def add(name: Name, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Add a login, or give it a new password; asks for it."""
    with _opened(config) as file:
        users.add(file, name, typer.prompt("Password", hide_input=True, confirmation_prompt=True))


@app.command()
def remove(name: Name, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Remove a login."""
    with _opened(config) as file:
        if not users.remove(file, name):
            failed(f"there is no login {name}")


@app.command(name="list")
def list_(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """List the logins."""
    with _opened(config) as file:
        for name in users.names(file):
            print(name)


@contextmanager
def _opened(config: Path) -> Iterator[Path]:
    """The configured file; what it may stumble over is said in words."""
    file = configured(config).users_file
    if file is None:
        failed("users_file is not configured")
    try:
        yield file
    except UsersFileError as error:
        failed(str(error))
    except OSError as error:
        failed(f"{error.strerror}: {file}")
