"""`user`: logins are added, given new passwords, listed and removed; what cannot be done is said in words."""

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.users import Users
from tests.operating import ROOT, Said, a_config, gateway


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with a users file, which is not there yet."""
    return a_config(tmp_path, f'users_file = "{tmp_path}/users"')


def add(config: Path, name: str, password: str = "secret") -> int:
    """Add a login, its password from standard input; the exit code."""
    return gateway("user", "add", name, "--config", config, typed=f"{password}\n").code


def test_logins_come_and_go(config: Path, tmp_path: Path) -> None:
    """What the commands write, the daemon reads."""

    assert [0, 0] == [add(config, "bob"), add(config, "alice")]
    assert "alice\nbob\n" == gateway("user", "list", "--config", config).out
    assert Users(tmp_path / "users").verify("bob", "secret")

    assert 0 == add(config, "bob", "another")
    assert Users(tmp_path / "users").verify("bob", "another")

    assert 0 == gateway("user", "remove", "bob", "--config", config).code
    assert "alice\n" == gateway("user", "list", "--config", config).out
    assert '[\n  "alice"\n]\n' == gateway("user", "list", "--json", "--config", config).out


@pytest.mark.parametrize("written", ["open sesame\n", "open sesame\r\n", "open sesame", "open sesame\nmore\n"])
def test_password_from_a_program(written: str, config: Path, tmp_path: Path) -> None:
    """Its first line is the password; nothing is asked, warned of or shown."""
    said = gateway("user", "add", "bob", "--config", config, typed=written)

    assert Said(0, "", "") == said
    assert Users(tmp_path / "users").verify("bob", "open sesame")
    assert "sesame" not in (tmp_path / "users").read_text()


def test_no_password_from_a_program(config: Path, tmp_path: Path) -> None:
    """An empty one is none, and nothing is written."""
    said = gateway("user", "add", "bob", "--config", config, typed="")

    assert Said(1, "", "a password must not be empty\n") == said
    assert not (tmp_path / "users").exists()


def at_a_terminal(config: Path, *typed: str) -> tuple[int, str]:
    """Add bob at a real terminal, an answer for each question; the exit code, and all that could be seen there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gateway", "user", "add", "bob", "--config", str(config)]
    answers, seen = iter(typed), ""
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, start_new_session=True
    ) as user:
        os.close(theirs)
        with contextlib.suppress(OSError):  # so Linux says that the other side has gone
            while said := os.read(ours, 1000).decode():
                seen += said
                if seen.endswith(": "):  # the blank comes once typing is hidden
                    os.write(ours, f"{next(answers, chr(3))}\n".encode())
    os.close(ours)
    return user.returncode, seen


@pytest.mark.process
def test_password_from_a_person(config: Path, tmp_path: Path) -> None:
    """Asked for twice, again if they differ, and never shown."""
    code, seen = at_a_terminal(config, "open sesame", "open sesamy", "open sesame", "open sesame")

    assert 0 == code, seen
    assert "sesam" not in seen
    assert 2 == seen.count("Password:")
    assert Users(tmp_path / "users").verify("bob", "open sesame")


def test_name_that_cannot_be(config: Path) -> None:
    """The reason is said."""
    said = gateway("user", "add", "b:b", "--config", config, typed="x\nx\n")

    assert 1 == said.code
    assert 'a login is 1 to 64 letters, digits and any of ". _ @ + -"\n' == said.err


@pytest.mark.parametrize("command", [("add", "bob"), ("remove", "bob"), ("list",)])
def test_no_users_file_is_configured(command: tuple[str, ...], tmp_path: Path) -> None:
    """There is nowhere to look."""
    said = gateway("user", *command, "--config", a_config(tmp_path), typed="x\nx\n")

    assert (1, "users_file is not configured\n") == (said.code, said.err)


@pytest.mark.parametrize("command", [("remove", "bob"), ("list",)])
def test_users_file_is_not_there(command: tuple[str, ...], config: Path, tmp_path: Path) -> None:
    """Nobody has been added yet."""
    said = gateway("user", *command, "--config", config)

    assert (1, f"No such file or directory: {tmp_path}/users\n") == (said.code, said.err)


@pytest.mark.parametrize("command", [("add", "bob"), ("remove", "bob"), ("list",)])
def test_users_file_is_broken(command: tuple[str, ...], config: Path, tmp_path: Path) -> None:
    """It is left as it is, and the line is named."""
    (tmp_path / "users").write_text("# who may fax\nalice\n")
    said = gateway("user", *command, "--config", config, typed="x\nx\n")

    assert 1 == said.code
    assert f"{tmp_path}/users, line 2: not a login and its hash; use `fax-gateway user add`\n" == said.err
    assert "# who may fax\nalice\n" == (tmp_path / "users").read_text()


def test_nowhere_to_write(tmp_path: Path) -> None:
    """A directory that is not there is named."""
    config = a_config(tmp_path, f'users_file = "{tmp_path}/nowhere/users"')
    said = gateway("user", "add", "bob", "--config", config, typed="x\nx\n")

    assert (1, f"No such file or directory: {tmp_path}/nowhere/users\n") == (said.code, said.err)


def test_removing_nobody(config: Path) -> None:
    """There is nobody of that name, and that is no success."""
    add(config, "alice")
    said = gateway("user", "remove", "mallory", "--config", config)

    assert (1, "there is no login mallory\n") == (said.code, said.err)
