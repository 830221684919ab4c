"""Where the right to use the API comes from: a personal access token in a file, or OAuth2 with refresh.

Source: FAX.PLUS, concepts/authentication. Only OAuth2 wants the header `x-fax-clientid`.
"""

import asyncio
import os
from pathlib import Path
from typing import Protocol

import httpx

from gateway.config import FaxPlusSettings, OAuthSettings
from gateway.configfile import SecretError, secret
from gateway.faxplus.answers import FaxPlusError, Verdict


class TokenSource(Protocol):
    """Gives the headers that let us in."""

    async def headers(self) -> dict[str, str]:
        """Return the headers of a request.

        Raises:
            FaxPlusError: there is no token to be had; the operator must act.
        """

    async def renew(self) -> bool:
        """FAX.PLUS answered 401. Returns whether there is a new token, so that it is worth another try."""


def token_source(settings: FaxPlusSettings, http: httpx.AsyncClient) -> TokenSource:
    """Return the source that the configuration names."""
    if settings.token_file is not None:
        return PersonalToken(settings.token_file)
    assert settings.oauth is not None  # noqa: S101  # the settings have one of the two
    return OAuthToken(settings.oauth, http)


class PersonalToken:
    """A personal access token. Its file is read for every request, so that a new one needs no restart."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._last = ""

    async def headers(self) -> dict[str, str]:
        """Return the token as it stands in the file now."""
        self._last = _read(self._file)
        return {"Authorization": f"Bearer {self._last}"}

    async def renew(self) -> bool:
        """Look whether the file holds another token than the one that was refused."""
        return _read(self._file) != self._last


class OAuthToken:
    """OAuth2: a short-lived access token, renewed by a refresh token that may itself be replaced."""

    def __init__(self, settings: OAuthSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._access = ""
        self._renewing = asyncio.Lock()

    async def headers(self) -> dict[str, str]:
        """Return the present access token, the first one after a refresh."""
        if not self._access:
            await self._refresh(self._access)
        return {"Authorization": f"Bearer {self._access}", "x-fax-clientid": self._settings.client_id}

    async def renew(self) -> bool:
        """Refresh the access token, once for all who ask at the same time."""
        refused = self._access
        await self._refresh(refused)
        return self._access != refused

    async def _refresh(self, refused: str) -> None:
        async with self._renewing:
            if self._access == refused:
                answer = await self._asked()
                self._access = str(answer["access_token"])
                if answer.get("refresh_token"):
                    _write(self._settings.refresh_token_file, str(answer["refresh_token"]))

    async def _asked(self) -> dict[str, object]:
        client_secret = _read(self._settings.client_secret_file)
        parameters = {
            "grant_type": "refresh_token",
            "refresh_token": _read(self._settings.refresh_token_file),
        }
        login = httpx.BasicAuth(self._settings.client_id, client_secret)
        try:
            response = await self._http.post(self._settings.token_url, params=parameters, auth=login)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise FaxPlusError(Verdict.TEMPORARY, f"no new token ({type(error).__name__})") from None
        if response.status_code >= 500:  # noqa: PLR2004  # the class of server errors
            raise FaxPlusError(Verdict.TEMPORARY, "no new token", status=response.status_code)
        if not isinstance(answer, dict) or not answer.get("access_token"):
            words = "the refresh token is refused; authorise the gateway anew"
            raise FaxPlusError(Verdict.TEMPORARY, words, status=401, operator=True)
        return answer


def _read(file: Path) -> str:
    try:
        return secret(file).get_secret_value()
    except SecretError as error:
        raise FaxPlusError(Verdict.TEMPORARY, str(error), operator=True) from None


def _write(file: Path, value: str) -> None:
    """Replace a secret in one step: the old refresh token is good for nothing once the new one was given."""
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as written:
        written.write(value)
        written.flush()
        os.fsync(written.fileno())
    new.replace(file)
