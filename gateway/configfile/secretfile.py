"""Reading secrets from their files, and refusing those that others can read too."""

import stat
from pathlib import Path

from pydantic import SecretStr

CREDENTIALS = Path("/run/credentials")
"""Where systemd keeps what it hands over, for the unit alone; its access lists look like rights of a group."""

LONGEST = 65536
"""Octets. No secret is longer; what is, is another file."""


class SecretError(Exception):
    """A secret cannot be used; the text says why and what to do."""


def secret(path: Path) -> SecretStr:
    """Read the one line that a secret's file holds.

    Raises:
        SecretError: it is missing, unreadable or empty, others can read it, or it is no secret at all.
    """
    guarded(path)
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1).decode().strip()
    except OSError as error:
        raise SecretError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretError(f"{path} is not text; is it the right file?") from None
    if not text:
        raise SecretError(f"{path} is empty; put the secret into it")
    if not text.isprintable() or len(text) > LONGEST:
        raise SecretError(f"{path} must hold the secret alone, on one line")
    return SecretStr(text)


def guarded(path: Path) -> None:
    """See that a file is there and that nobody but its owner can touch it.

    Raises:
        SecretError: it is missing, is no file, or others can touch it.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise SecretError(
            f"there is no file {path}, and systemd hands over no credential of the name {path.name}"
        ) from None
    except OSError as error:
        raise SecretError(f"{path} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        raise SecretError(f"{path} is not a file")
    if status.st_mode & 0o077 and not path.is_relative_to(CREDENTIALS):
        raise SecretError(f"others can read or write {path}; run: chmod 600 {path}")
