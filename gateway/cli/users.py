"""`user`: logins for SMTP. Passwords are kept as argon2 hashes only."""

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
    file = _file(config)
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        users.add(file, name, password)
    except UsersFileError as error:
        failed(str(error))


@app.command()
def remove(name: Name, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Remove a login."""
    if not users.remove(_file(config), name):
        failed(f"there is no login {name}")


@app.command(name="list")
def list_(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """List the logins."""
    for name in users.names(_file(config)):
        print(name)


def _file(config: Path) -> Path:
    file = configured(config).users_file
    if file is None:
        failed("users_file is not configured")
    return file
