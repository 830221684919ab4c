"""The users file: who may log in. One `name:argon2hash` a line, written by `fax-gateway user`, read for SMTP logins."""

import os
import re
import tempfile
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_NAME = re.compile(r"[A-Za-z0-9._@+-]{1,64}")
_HASHER = PasswordHasher()


class UsersFileError(ValueError):
    """The file is not a users file, or a name cannot stand in it. Its text tells what to do."""


class Users:
    """Proves logins against the file, which may change at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._hashes: dict[str, str] = {}
        self._nobody = _HASHER.hash(os.urandom(16).hex())

    def verify(self, name: str, password: str) -> bool:
        """Tell whether this is the user's password. Takes as long for a user who does not exist. Blocks for its work.

        Raises:
            OSError: the file cannot be read; nobody can tell.
            UsersFileError: the file is broken.
        """
        self._refresh()
        known = self._hashes.get(name)
        proven = _proves(known or self._nobody, password)
        return proven and known is not None

    def _refresh(self) -> None:
        status = self._path.stat()
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen != self._seen:
            self._hashes = _read(self._path)
            self._seen = seen


def add(path: Path, name: str, password: str) -> None:
    """Add a user, or give one a new password.

    Raises:
        OSError: the file cannot be written.
        UsersFileError: the name or the file is not usable, or the password is empty.
    """
    if _NAME.fullmatch(name) is None:
        raise UsersFileError('a login is 1 to 64 letters, digits and any of ". _ @ + -"')
    if not password:
        raise UsersFileError("a password must not be empty")
    hashes = _read(path) if path.exists() else {}
    _write(path, hashes | {name: _HASHER.hash(password)})


def remove(path: Path, name: str) -> bool:
    """Remove a user. Returns False when there is none of that name.

    Raises:
        OSError: the file cannot be read or written.
        UsersFileError: the file is broken.
    """
    hashes = _read(path)
    if hashes.pop(name, None) is None:
        return False
    _write(path, hashes)
    return True


def names(path: Path) -> list[str]:
    """Return who may log in, in alphabetical order.

    Raises:
        OSError: the file cannot be read.
        UsersFileError: the file is broken.
    """
    return sorted(_read(path))


def _proves(known: str, password: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def _read(path: Path) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1):
        name, colon, known = line.strip().partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not colon or _NAME.fullmatch(name) is None or not known.startswith("$argon2"):
            raise UsersFileError(f"{path}, line {number}: not a login and its hash; use `fax-gateway user add`")
        hashes[name] = known
    return hashes


def _write(path: Path, hashes: dict[str, str]) -> None:
    """Replace the file at once, so that a reader meets the old one or the new one. It keeps its owner."""
    lines = "".join(f"{name}:{known}\n" for name, known in sorted(hashes.items()))
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(lines)
            file.flush()
            _keep_owner(path, file.fileno())
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _keep_owner(path: Path, handle: int) -> None:
    """The operator writes as root what the daemon reads as somebody else."""
    if path.exists() and os.geteuid() == 0:
        os.fchown(handle, path.stat().st_uid, path.stat().st_gid)
