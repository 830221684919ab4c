"""`user`: logins are added, given new passwords, listed and removed; what cannot be done is said in words."""

from pathlib import Path

import pytest

from gateway.users import Users
from tests.operating import a_config, gateway


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with a users file, which is not there yet."""
    return a_config(tmp_path, f'users_file = "{tmp_path}/users"')


def add(config: Path, name: str, password: str = "secret") -> int:
    """Add a login, typing the password twice; the exit code."""
    return gateway("user", "add", name, "--config", config, typed=f"{password}\n{password}\n").code


def test_logins_come_and_go(config: Path, tmp_path: Path) -> None:
    """What the commands write, the daemon reads."""

    assert [0, 0] == [add(config, "bob"), add(config, "alice")]
    assert "alice\nbob\n" == gateway("user", "list", "--config", config).out
    assert Users(tmp_path / "users").verify("bob", "secret")

    assert 0 == add(config, "bob", "another")
    assert Users(tmp_path / "users").verify("bob", "another")

    assert 0 == gateway("user", "remove", "bob", "--config", config).code
    assert "alice\n" == gateway("user", "list", "--config", config).out


def test_password_is_not_shown(config: Path, tmp_path: Path) -> None:
    """Neither on the terminal nor in the file."""
    said = gateway("user", "add", "bob", "--config", config, typed="open sesame\nopen sesame\n")

    assert "sesame" not in said.out + said.err + (tmp_path / "users").read_text()


def test_passwords_differ(config: Path, tmp_path: Path) -> None:
    """Typed differently the second time, it is asked for again; without an answer nothing is written."""
    said = gateway("user", "add", "bob", "--config", config, typed="one\nother\n")

    assert 1 == said.code
    assert not (tmp_path / "users").exists()


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
