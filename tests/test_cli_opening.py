"""What all commands share: where the configuration comes from, and that whatever goes wrong is said in words."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.operating import Said, a_config, gateway, the_store

COMMANDS = [("list",), ("show", "f1"), ("cancel", "f1"), ("resend", "f1")]


@pytest.mark.parametrize("command", [*COMMANDS, ("check",), ("serve",), ("user", "list"), ("webhook", "list")])
def test_no_configuration(command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there is named, whatever the command; the exit code is that of a wrong configuration."""
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    missing = tmp_path / "missing.toml"
    said = gateway(*command, "--config", missing)

    assert (2, "") == (said.code, said.out)
    assert said.err.startswith(f"{missing}: one mistake\n\n")


def test_directory_is_no_configuration(tmp_path: Path) -> None:
    """A directory is refused before anybody reads it."""
    said = gateway("list", "--config", tmp_path)

    assert 2 == said.code
    assert "is a directory" in " ".join(said.err.replace("│", "").split())


def test_configuration_by_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment may name the configuration; the command line has the last word."""
    monkeypatch.setenv("FAX_GATEWAY_CONFIG", str(a_config(tmp_path)))

    assert 0 == gateway("list").code
    assert 2 == gateway("list", "--config", tmp_path / "missing.toml").code


@pytest.mark.parametrize("command", COMMANDS)
def test_database_out_of_reach(command: tuple[str, ...], tmp_path: Path) -> None:
    """A database server that does not answer is said to be just that."""
    config = a_config(tmp_path, 'database = "postgresql://127.0.0.1:9/fax"')
    said = gateway(*command, "--config", config)

    assert (1, "") == (said.code, said.out)
    assert said.err.startswith("the database: connection")
    assert "refused" in said.err.lower()


@pytest.mark.parametrize("command", COMMANDS)
def test_state_directory_is_missing(command: tuple[str, ...], tmp_path: Path) -> None:
    """The path is named, so that a wrong one can be seen; nothing is made that the daemon could not write to."""
    config = a_config(tmp_path)
    (tmp_path / "state").rmdir()
    said = gateway(*command, "--config", config)

    assert Said(1, "", f"there is no {tmp_path}/state yet; the first `fax-gateway serve` makes it\n") == said
    assert not (tmp_path / "state").exists()


def test_state_directory_cannot_be_looked_at(tmp_path: Path) -> None:
    """That is said as it is: nobody knows whether there is nothing yet."""
    config = a_config(tmp_path)
    config.write_text(config.read_text().replace(f"{tmp_path}/state", f"{tmp_path}/token/state"))
    said = gateway("list", "--config", config)

    assert Said(1, "", f"Not a directory: {tmp_path}/token/state\n") == said


@pytest.mark.parametrize("command", COMMANDS)
def test_database_is_none(command: tuple[str, ...], tmp_path: Path) -> None:
    """A file that is no database is left as it is."""
    config = a_config(tmp_path)
    (tmp_path / "state" / "fax-gateway.sqlite3").write_text("something else" * 1000)
    said = gateway(*command, "--config", config)

    assert (1, "", "the database: file is not a database\n") == (said.code, said.out, said.err)


@pytest.mark.parametrize("command", COMMANDS)
def test_database_of_a_newer_version(command: tuple[str, ...], tmp_path: Path) -> None:
    """An older program does not touch what a newer one wrote."""
    config = a_config(tmp_path)

    async def open_once() -> None:
        async with the_store(tmp_path):
            pass

    asyncio.run(open_once())
    database = sqlite3.connect(tmp_path / "state" / "fax-gateway.sqlite3")
    database.execute("UPDATE alembic_version SET version_num = 'of the future'")
    database.commit()
    database.close()
    said = gateway(*command, "--config", config)

    assert 1 == said.code
    assert "the database has schema of the future, which this version does not know; upgrade\n" == said.err
