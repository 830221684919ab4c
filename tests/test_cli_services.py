"""Commands that run something, as real processes: they start, say where they are, and end with the right code."""

import asyncio
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import httpx
import pytest

from tests.operating import ROOT, Said, a_config, gateway, program
from tests.running import gateway_process, surroundings


@pytest.mark.parametrize("wrong", ["the file", "the machine"])
def test_serve_with_a_wrong_configuration(wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not start, and lists what is wrong as `check` does."""
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    config = a_config(tmp_path)
    if wrong == "the file":
        config.write_text(config.read_text().replace("+12025550100", "12"))
    else:
        (tmp_path / "token").unlink()
    said, checked = gateway("serve", "--config", config), gateway("check", "--config", config)

    assert checked == said
    assert (2, "") == (said.code, said.out)
    assert "one mistake" in said.err


@pytest.mark.process
def test_serve_twice(tmp_path: Path) -> None:
    """A second daemon on the same state does not start, and says why; the first goes on, and stops with 0."""

    async def story() -> tuple[Said, int]:
        async with surroundings(tmp_path) as around, gateway_process(around.config) as first:
            second = await program("serve", "--config", around.config)
            return second, await first.stop()

    said = Said(1, "", f"another fax-gateway already runs on {tmp_path}/state\n")

    assert (said, 0) == asyncio.run(story())


@pytest.mark.process
def test_serve_on_an_address_that_is_taken(tmp_path: Path) -> None:
    """The reason is said in words, without a traceback."""

    async def story(port: int) -> Said:
        config = a_config(tmp_path)
        config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        config.write_text(f'{config.read_text()}\n[webhook]\nlisten = "127.0.0.1:0"\n')
        return await program("serve", "--config", config)

    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = asyncio.run(story(taken.getsockname()[1]))

    assert (1, "") == (said.code, said.out)
    assert re.fullmatch(r'listener "test" cannot listen on 127\.0\.0\.1:\d+: Address already in use\n', said.err)


@pytest.mark.process
def test_serve_where_the_webhooks_address_is_taken(tmp_path: Path) -> None:
    """The setting is named."""

    async def story(port: int) -> Said:
        config = a_config(tmp_path)
        config.write_text(f'{config.read_text()}\n[webhook]\nlisten = "127.0.0.1:{port}"\n')
        return await program("serve", "--config", config)

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = asyncio.run(story(port))

    assert Said(1, "", f"webhook.listen: cannot listen on 127.0.0.1:{port}: Address already in use\n") == said


@pytest.mark.process
def test_serve_lives_through_a_hangup(tmp_path: Path) -> None:
    """A terminal that closes, or somebody who renewed a certificate, does not end it; the log says what to do."""

    async def story() -> tuple[str, int]:
        async with surroundings(tmp_path) as around, gateway_process(around.config) as running:
            await running.ready()
            running.hang_up()
            event = await running.event("hangup.ignored")
            return event["hint"], await running.stop()

    hint, code = asyncio.run(story())

    assert 0 == code
    assert hint.endswith("for all else, restart")


@pytest.mark.process
def test_serve_keeps_everything_to_itself(tmp_path: Path) -> None:
    """Whatever it writes is for its user alone."""

    async def story() -> set[int]:
        async with surroundings(tmp_path) as around, gateway_process(around.config):
            return {path.stat().st_mode & 0o077 for path in (tmp_path / "state").rglob("*")}

    assert {0} == asyncio.run(story())


@pytest.mark.process
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_simulator(told: signal.Signals) -> None:
    """It prints its address, answers there as told, and goes when told."""

    async def story() -> tuple[list[int], int, bytes]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "simulator", "--port", "0", "--token", "alohi_pat_right"),
            stdout=PIPE,
            stderr=PIPE,
            cwd="/",
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient() as client:
            answers = [
                (await client.get(f"{url}/accounts/self", headers={"Authorization": f"Bearer alohi_pat_{word}"}))
                for word in ("right", "wrong")
            ]
        process.send_signal(told)
        _, errors = await process.communicate()
        return [answer.status_code for answer in answers], process.returncode or 0, errors

    statuses, code, errors = asyncio.run(story())

    assert [200, 401] == statuses
    assert 0 == code
    assert b"" == errors


def test_simulator_on_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said in words."""
    monkeypatch.setattr("gateway.cli.services.configure", lambda _settings: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = gateway("simulator", "--port", str(taken.getsockname()[1]))

    assert (1, "") == (said.code, said.out)
    assert "address already in use" in said.err.lower()
