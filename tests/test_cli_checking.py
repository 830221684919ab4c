"""`check`: all that is wrong at once and 2, or what is in force and 0; with `--live` also what FAX.PLUS says."""

import asyncio
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.configfile import effective, load
from tests.operating import Said, a_config, gateway, program
from tests.running import WEBHOOK_SECRET, Surroundings, surroundings
from tests.simulated import hooked

PUBLIC_URL = "https://fax.example.org"
SECTIONS = ["faxplus", "webhook", "relay", "numbers", "listener", "limits", "redial", "schedule", "keep", "log"]


def test_prints_what_is_in_force(tmp_path: Path) -> None:
    """Every setting, given or not, as a file that would bring the same about."""
    config = a_config(tmp_path)
    said = gateway("check", "--config", config)

    assert (0, "") == (said.code, said.err)
    assert f"{effective(load(config))}\n" == said.out
    assert set(SECTIONS) <= set(tomllib.loads(said.out))


def test_prints_no_secret(tmp_path: Path) -> None:
    """Secrets are named by their files only."""

    assert "alohi_pat_test" not in gateway("check", "--config", a_config(tmp_path)).out


def test_lists_all_mistakes_of_the_file(tmp_path: Path) -> None:
    """Each with its place and what to do, none hidden behind another; nothing is called in force."""
    config = a_config(tmp_path)
    text = config.read_text()
    config.write_text(
        text.replace("+12025550100", "12").replace('"5s"', '"soon"').replace("[[listener]]", "[[listener]]\ncolour = 1")
    )
    said = gateway("check", "--config", config)

    assert (2, "") == (said.code, said.out)
    assert said.err.startswith(f"{config}: 3 mistakes\n\n")
    assert all(place in said.err for place in ("faxplus.from", "faxplus.request_timeout", "colour"))


def test_tries_the_operators_templates(tmp_path: Path) -> None:
    """A mistake in them is found here, and not when a mail needs them."""
    config = a_config(tmp_path)
    (tmp_path / "mail.txt").write_text("{{ page.sentnce }}")
    config.write_text(f'{config.read_text()}\n[confirmations]\ntemplates = "{tmp_path}"\n')
    said = gateway("check", "--config", config)

    assert 2 == said.code
    assert "confirmations.templates" in said.err
    assert "the template mail.txt fails" in said.err


def test_lists_all_mistakes_of_the_machine(tmp_path: Path) -> None:
    """What only the machine can tell is told at once too."""
    config = a_config(tmp_path)
    (tmp_path / "token").chmod(0o644)
    (tmp_path / "state").rmdir()
    (tmp_path / "state").write_text("a file")
    said = gateway("check", "--config", config)

    assert (2, "") == (said.code, said.out)
    assert said.err.startswith(f"{config}: 2 mistakes\n\n")
    assert f"others can read or write {tmp_path}/token; run: chmod 600 {tmp_path}/token" in said.err
    assert f"{tmp_path}/state is not a directory" in said.err


def test_one_mistake(tmp_path: Path) -> None:
    """Counted as one."""
    config = a_config(tmp_path)
    (tmp_path / "token").unlink()

    assert gateway("check", "--config", config).err.startswith(f"{config}: one mistake\n\n")


def checked_live(tmp_path: Path, prepare: Callable[[Surroundings], None]) -> Said:
    """Check a gateway whose FAX.PLUS was prepared."""

    async def story() -> Said:
        async with surroundings(tmp_path) as around:
            around.configure(public_url=PUBLIC_URL)
            prepare(around)
            return await asyncio.to_thread(gateway, "check", "--live", "--config", around.config)

    return asyncio.run(story())


def register(around: Surroundings) -> None:
    """The webhook is registered as it should be."""
    hooked(around.account, target=f"{PUBLIC_URL}/faxplus/{WEBHOOK_SECRET}")


def test_live_and_all_is_well(tmp_path: Path) -> None:
    """After what is in force, each question and its answer."""
    said = checked_live(tmp_path, register)

    assert (0, "") == (said.code, said.err)
    assert [
        "good  the token is valid",
        "good  the account is active",
        "good  the account keeps a history",
        "good  +12025550100 is ours and active",
        "good  the webhook is registered",
    ] == said.out.splitlines()[-5:]


def test_live_and_not_all_is_well(tmp_path: Path) -> None:
    """What is wrong goes to standard error, with what to do, and the exit code says so."""
    said = checked_live(tmp_path, lambda around: None)

    assert 2 == said.code
    assert "BAD   the webhook is registered 0 times instead of once; run `fax-gateway webhook register`\n" == said.err
    assert "good  the token is valid" in said.out


def test_live_with_a_wrong_token(tmp_path: Path) -> None:
    """FAX.PLUS does not let us in, and that is all that can be said."""

    def other_token(around: Surroundings) -> None:
        around.account.settings = around.account.settings.model_copy(update={"token": "another"})

    said = checked_live(tmp_path, other_token)

    assert 2 == said.code
    assert ["BAD   FAX.PLUS could not be asked: FAX.PLUS does not accept the token; it is wrong or has expired"] == [
        line.partition(" (")[0] for line in said.err.splitlines()
    ]


def test_live_without_faxplus(tmp_path: Path) -> None:
    """Nobody answers: nothing is known to be wrong, so it is another exit code than that of a mistake."""
    said = gateway("check", "--live", "--config", a_config(tmp_path))

    assert 1 == said.code
    assert said.err.startswith("?     FAX.PLUS could not be asked: FAX.PLUS cannot be reached")


def test_not_live_asks_nobody(tmp_path: Path) -> None:
    """Without `--live` FAX.PLUS is not called at all."""

    assert 0 == gateway("check", "--config", a_config(tmp_path, faxplus="http://127.0.0.1:1/v3")).code


@pytest.mark.process
def test_as_systemd_runs_it(tmp_path: Path) -> None:
    """In a process of its own, with the token as a credential that systemd hands over in place of the file."""
    config = a_config(tmp_path)
    (tmp_path / "credentials").mkdir()
    (tmp_path / "token").rename(tmp_path / "credentials" / "token")

    assert 2 == asyncio.run(program("check", "--config", config)).code
    said = asyncio.run(program("check", "--config", config, CREDENTIALS_DIRECTORY=str(tmp_path / "credentials")))

    assert (0, "") == (said.code, said.err)
