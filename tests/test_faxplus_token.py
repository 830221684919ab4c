"""Tokens: read anew from their files, refreshed once for all who wait, written back whole, and never shown."""

import asyncio
import base64
import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from structlog.testing import capture_logs

from gateway.config import FaxPlusSettings
from gateway.faxplus.answers import FaxPlusError, Verdict
from gateway.faxplus.token import OAuthToken, PersonalToken, token_source
from tests.scripted import OURS, Play, Server, answer, endless, hang_up, reset, serving, silence

T = TypeVar("T")
GIVEN = {"access_token": "access2", "token_type": "bearer", "expires_in": 3600}


def hush(path: Path, text: str) -> Path:
    """A file that its owner alone can read."""
    path.write_text(text)
    path.chmod(0o600)
    return path


def headers(path: Path) -> dict[str, str]:
    """What a personal token in that file gives."""
    return asyncio.run(PersonalToken(path).headers())


def test_personal_token(tmp_path: Path) -> None:
    """The token stands in one header; `x-fax-clientid` is for OAuth2 alone."""

    assert {"Authorization": "Bearer alohi_pat_1"} == headers(hush(tmp_path / "token", "  alohi_pat_1\n"))


def test_new_personal_token(tmp_path: Path) -> None:
    """A new token in the file counts at once, however fast it was written after the old one."""
    path = hush(tmp_path / "token", "alohi_pat_1")
    token = PersonalToken(path)

    assert {"Authorization": "Bearer alohi_pat_1"} == asyncio.run(token.headers())
    path.write_text("alohi_pat_2")
    assert {"Authorization": "Bearer alohi_pat_2"} == asyncio.run(token.headers())
    assert not asyncio.run(token.renew())


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (None, 0o600, "there is no file"),
        ("", 0o600, "is empty"),
        (" \n ", 0o600, "is empty"),
        ("one\ntwo", 0o600, "on one line"),
        ("t\u00f6ken", 0o600, "no token"),
        ("hush-hush", 0o644, "chmod 600"),
    ],
)
def test_no_personal_token(tmp_path: Path, text: str | None, mode: int, words: str) -> None:
    """Without a token nothing is done, no fax is burnt, and the operator learns what to mend; no token is shown."""
    path = tmp_path / "token"
    if text is not None:
        path.write_text(text)
        path.chmod(mode)

    with pytest.raises(FaxPlusError, match=words) as caught:
        headers(path)
    assert (Verdict.TEMPORARY, True, None) == (caught.value.verdict, caught.value.operator, caught.value.status)
    assert not text or text not in caught.value.words


class House:
    """An OAuth2 client's files, and a token server that plays a script."""

    def __init__(self, directory: Path, server: Server, http: httpx.AsyncClient) -> None:
        self.server = server
        self.refresh_file = directory / "refresh.token"
        oauth = {
            "client_id": "gw:1",
            "client_secret_file": directory / "client.secret",
            "refresh_token_file": self.refresh_file,
            "token_url": f"{server.url}/token",
        }
        self.settings = FaxPlusSettings.model_validate({"from": OURS, "oauth": oauth, "request_timeout": "400ms"})
        found = token_source(self.settings, http)
        assert isinstance(found, OAuthToken)
        self.token = found


def visit(directory: Path, doing: Callable[[House], Awaitable[T]], *script: bytes | Play) -> T:
    """Do something in the house."""
    hush(directory / "client.secret", "s3cret\n")
    hush(directory / "refresh.token", "refresh1\n")

    async def inside() -> T:
        async with serving(*script) as server, httpx.AsyncClient() as http:
            return await doing(House(directory, server, http))

    return asyncio.run(inside())


def test_first_token(tmp_path: Path) -> None:
    """It is fetched in the way of the vendor's sample, once, and every request bears the client's id."""

    async def doing(house: House) -> tuple[dict[str, str], dict[str, str], list[Any]]:
        return await house.token.headers(), await house.token.headers(), house.server.received

    first, second, received = visit(tmp_path, doing, answer(200, GIVEN))
    login = base64.b64encode(b"gw:1:s3cret").decode()

    assert {"Authorization": "Bearer access2", "x-fax-clientid": "gw:1"} == first == second
    assert [("POST", "/token")] == [(request.method, request.path) for request in received]
    assert {"grant_type": "refresh_token", "refresh_token": "refresh1"} == received[0].query
    assert f"Basic {login}" == received[0].headers["authorization"]
    assert "application/x-www-form-urlencoded" == received[0].headers["content-type"]


def test_new_refresh_token(tmp_path: Path) -> None:
    """It replaces the old one wholly, is readable for its owner alone, and is the next to be used."""

    async def doing(house: House) -> list[Any]:
        assert await house.token.renew()
        assert await house.token.renew()
        return house.server.received

    received = visit(tmp_path, doing, answer(200, GIVEN | {"refresh_token": "refresh2"}), answer(200, GIVEN))

    assert ["refresh1", "refresh2"] == [request.query["refresh_token"] for request in received]
    assert "refresh2\n" == (tmp_path / "refresh.token").read_text()
    assert 0o600 == (tmp_path / "refresh.token").stat().st_mode & 0o777
    assert {"client.secret", "refresh.token"} == {path.name for path in tmp_path.iterdir()}


def test_refresh_token_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and directory are synced before the new token counts: after a power cut the void one must not be back."""
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda opened: synced.append(stat.S_ISDIR(os.fstat(opened).st_mode)))

    async def doing(house: House) -> bool:
        return await house.token.renew()

    assert visit(tmp_path, doing, answer(200, GIVEN | {"refresh_token": "refresh2"}))
    assert [False, True] == synced


def test_refresh_token_that_cannot_be_written(tmp_path: Path) -> None:
    """It is kept in mind and used, for the old one may be void; the log says so without the token."""

    async def doing(house: House) -> tuple[str, list[Any]]:
        house.refresh_file.unlink()
        house.refresh_file.mkdir()
        house.token._unwritten = "refresh1"
        await house.token.renew()
        await house.token.renew()
        return house.token._unwritten or "", house.server.received

    with capture_logs() as logs:
        kept, received = visit(tmp_path, doing, answer(200, GIVEN | {"refresh_token": "refresh2"}), answer(200, GIVEN))

    assert "refresh2" == kept == received[1].query["refresh_token"]
    assert "token.not_written" in {entry["event"] for entry in logs}
    assert "refresh2" not in str(logs)


def test_refresh_token_written_by_hand(tmp_path: Path) -> None:
    """Who authorises the gateway anew is heard, also while a token that could not be written is kept in mind."""

    async def doing(house: House) -> list[str]:
        await house.token.renew()
        house.token._unwritten = "refresh2"
        await house.token.renew()
        house.refresh_file.write_text("by-hand\n")
        await house.token.renew()
        return [request.query["refresh_token"] for request in house.server.received]

    assert ["refresh1", "refresh2", "by-hand"] == visit(tmp_path, doing, answer(200, GIVEN))


def test_one_refresh_for_all(tmp_path: Path) -> None:
    """Twenty requests that are turned away together refresh once."""

    async def doing(house: House) -> int:
        await asyncio.gather(*(house.token.renew() for _ in range(20)))
        return len(house.server.received)

    assert 1 == visit(tmp_path, doing, answer(200, GIVEN))


def test_refresh_outlives_who_asked(tmp_path: Path) -> None:
    """When the one who asked gives up, the new refresh token is written all the same."""
    arrived, go = asyncio.Event(), asyncio.Event()

    async def late(_request: object, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await go.wait()
        writer.write(answer(200, GIVEN | {"refresh_token": "refresh2"}))
        await writer.drain()

    async def doing(house: House) -> None:
        impatient = asyncio.create_task(house.token.renew())
        await arrived.wait()
        impatient.cancel()
        go.set()
        await house.token.renew()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        assert 1 == len(house.server.received)

    visit(tmp_path, doing, late)

    assert "refresh2\n" == (tmp_path / "refresh.token").read_text()


@pytest.mark.parametrize(
    ("script", "status", "operator"),
    [
        (answer(400, {"error": "invalid_grant", "refresh_token": "refresh1"}), 400, True),
        (answer(401), 401, True),
        (answer(429), 429, False),
        (answer(500), 500, False),
        (answer(302, Location="http://127.0.0.1:9/"), 302, False),
        (answer(200, {}), 200, False),
        (answer(200, {"access_token": ""}), 200, False),
        (answer(200, {"access_token": "two\nlines"}), 200, False),
        (answer(200, b"<html>", Content_Type="text/html"), 200, False),
        (reset, None, False),
        (hang_up, None, False),
        (silence, None, False),
        (endless, 200, False),
    ],
)
def test_no_new_token(tmp_path: Path, script: bytes | Play, status: int | None, *, operator: bool) -> None:
    """Nothing has been done, whatever the token server does; a refusal is the operator's; no secret is shown."""

    async def doing(house: House) -> FaxPlusError:
        with pytest.raises(FaxPlusError) as caught:
            await house.token.headers()
        return caught.value

    error = visit(tmp_path, doing, script)

    assert Verdict.TEMPORARY is error.verdict
    assert operator == error.operator
    assert status == error.status or script is endless
    assert not any(hidden in error.words for hidden in ("refresh1", "s3cret"))


def test_missing_refresh_token(tmp_path: Path) -> None:
    """A missing file is the operator's, and nobody is asked."""

    async def doing(house: House) -> int:
        house.refresh_file.unlink()
        with pytest.raises(FaxPlusError, match=r"refresh\.token") as caught:
            await house.token.headers()
        assert caught.value.operator
        return len(house.server.received)

    assert 0 == visit(tmp_path, doing, answer(200, GIVEN))


def test_token_source() -> None:
    """The settings choose the kind."""
    personal = FaxPlusSettings.model_validate({"from": OURS, "token_file": "x"})

    assert isinstance(token_source(personal, httpx.AsyncClient()), PersonalToken)
