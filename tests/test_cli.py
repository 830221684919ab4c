"""The command line as a whole: what there is, how it answers, and that its two names are the same program."""

import asyncio
import re

import pytest

from gateway import __version__
from tests.operating import gateway, program

COMMANDS = [
    "serve",
    "check",
    "list",
    "show",
    "explain",
    "inspect",
    "cancel",
    "resend",
    "webhook",
    "user",
    "simulator",
    "demo",
    "version",
]


def test_help_names_every_command() -> None:
    """Who asks for help sees all there is."""
    said = gateway("--help")

    assert 0 == said.code
    assert [] == [command for command in COMMANDS if not re.search(rf"^\W*{command}\s", said.out, re.MULTILINE)]


def test_without_a_command() -> None:
    """Nothing to do: the help is shown, and that is not success."""
    said = gateway()

    assert 2 == said.code
    assert "simulator" in said.out + said.err


@pytest.mark.parametrize("command", ["serve", "check", "list", "show", "explain", "cancel", "resend"])
def test_help_names_the_configuration(command: str) -> None:
    """Every command that reads the configuration says how to name it, and which it takes otherwise."""
    said = gateway(command, "--help")

    assert 0 == said.code
    assert "--config" in said.out
    assert "FAX_GATEWAY_CONFIG" in said.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("list", "--colour"),
        ("list", "--state", "lost"),
        ("list", "--limit", "0"),
        ("show",),
        ("cancel",),
        ("resend", "a", "b"),
        ("webhook",),
        ("user", "add"),
        ("simulator", "--port", "many"),
        ("simulator", "--port", "65536"),
        ("simulator", "--speed", "0"),
    ],
)
def test_command_line_is_wrong(arguments: tuple[str, ...]) -> None:
    """What cannot be understood is refused with 2, before anything is done."""

    assert 2 == gateway(*arguments).code


@pytest.mark.parametrize("asked", ["version", "--version"])
def test_version(asked: str) -> None:
    """It says which version it is, however it is asked."""
    said = gateway(asked)

    assert 0 == said.code
    assert said.out.startswith(f"fax-gateway {__version__} on Python 3.")


def test_help_has_a_short_name() -> None:
    """The same help, of the whole and of each command."""

    assert gateway("--help") == gateway("-h")
    assert gateway("show", "--help") == gateway("show", "-h")


@pytest.mark.process
def test_python_m_gateway() -> None:
    """`python -m gateway` is the same program, from any directory."""
    said = asyncio.run(program("version"))

    assert (0, "") == (said.code, said.err)
    assert said.out == gateway("version").out
