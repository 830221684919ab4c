"""`user`: logins for SMTP. Passwords are kept as argon2 hashes only."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway import users
from gateway.cli.opening import DEFAULT_CONFIG, AsJson, ConfigPath, configured, failed
from gateway.users import UsersFileError

app = typer.Typer(help="Logins for SMTP.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The login.")]


@app.command()
def add(name: Name, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Add a login, or give it a new password; asks for it, or reads it from the first line of standard input."""
    with _opened(config) as file:
        users.add(file, name, _password())


@app.command()
def remove(name: Name, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Remove a login."""
    with _opened(config) as file:
        if not users.remove(file, name):
            failed(f"there is no login {name}")


@app.command(name="list")
def list_(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the logins."""
    with _opened(config) as file:
        names = users.names(file)
    if as_json:
        print(json.dumps(names, indent=2))
    for name in () if as_json else names:
        print(name)


def _password() -> str:
    """What a person types twice without seeing it, or a program writes once."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


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
