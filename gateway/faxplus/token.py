"""The token that opens FAX.PLUS to us: a personal one from a file, or OAuth2's, refreshed when it has expired.

https://apidoc.fax.plus/concepts/authentication
"""

import asyncio
import base64
import os
import secrets
from pathlib import Path
from typing import Protocol

import httpx
import structlog

from gateway.config import FaxPlusSettings, OAuthSettings
from gateway.configfile import SecretError, secret
from gateway.faxplus.answers import FOREIGN, Call, FaxPlusError, Verdict, failed, not_refreshed, unreadable
from gateway.faxplus.exchange import Answer, exchange

log = structlog.get_logger()


class TokenSource(Protocol):
    """Where tokens come from. Everything it raises is a `FaxPlusError`: no call has been made."""

    async def headers(self) -> dict[str, str]:
        """Give the headers that go with every request."""

    async def renew(self) -> bool:
        """Get a new token in place of one that FAX.PLUS did not accept. False: there is none."""


class PersonalToken:
    """A personal access token. Read for every request, so that a new one counts at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def headers(self) -> dict[str, str]:
        """Give the token that the file holds now."""
        return {"Authorization": f"Bearer {_secret(self._path)}"}

    async def renew(self) -> bool:
        """Only a person can make a new one."""
        return False


class OAuthToken:
    """An access token of OAuth2, kept in memory, and the refresh token, kept in its file."""

    def __init__(self, settings: OAuthSettings, http: httpx.AsyncClient, patience: float) -> None:
        """Make one that has no access token yet.

        Args:
            settings: who we are, and where tokens are refreshed.
            http: the way there.
            patience: seconds that refreshing may take.
        """
        self._settings = settings
        self._http = http
        self._patience = patience
        self._access = ""
        self._unwritten: str | None = None
        self._in_file = ""  #: what the refresh token's file held when it was last read
        self._refreshing: asyncio.Task[None] | None = None

    async def headers(self) -> dict[str, str]:
        """Give the present access token; the first time, get one."""
        if not self._access:
            await self._refresh()
        return {"Authorization": f"Bearer {self._access}", "x-fax-clientid": self._settings.client_id}

    async def renew(self) -> bool:
        """Refresh, once for all who ask at the same time."""
        await self._refresh()
        return True

    async def _refresh(self) -> None:
        # A task of its own: a caller who gives up must not cut it off, for the old refresh token may be void already.
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._exchange())
            self._refreshing.add_done_callback(self._refreshed)
        await asyncio.shield(self._refreshing)

    def _refreshed(self, task: asyncio.Task[None]) -> None:
        self._refreshing = None
        if not task.cancelled():
            task.exception()  # seen, also when every caller has given up

    async def _exchange(self) -> None:
        answer = await self._ask(self._refresh_token())
        try:
            body = answer.json()
        except ValueError as error:
            raise unreadable(Call.REPEATABLE, answer.status, str(error)) from error
        given = body if isinstance(body, dict) else {}
        access = _token(given.get("access_token"))
        if access is None:
            raise unreadable(Call.REPEATABLE, answer.status, "there is no access token in it")
        self._access = access
        if refresh := _token(given.get("refresh_token")):
            self._keep(refresh)
        log.info("token.refreshed")

    def _refresh_token(self) -> str:
        """The one in the file; or the one that could not be written there, until somebody writes another by hand."""
        try:
            in_file = _secret(self._settings.refresh_token_file)
        except FaxPlusError:
            if self._unwritten is None:
                raise
            return self._unwritten
        if in_file != self._in_file:
            self._in_file, self._unwritten = in_file, None
        return self._unwritten or in_file

    async def _ask(self, refresh_token: str) -> Answer:
        """Ask for a new token, in the way of the vendor's sample."""
        request = self._http.build_request(
            "POST",
            self._settings.token_url,
            params={"grant_type": "refresh_token", "refresh_token": refresh_token},
            headers={
                "Authorization": _basic(self._settings.client_id, _secret(self._settings.client_secret_file)),
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            timeout=self._patience,
        )
        try:
            async with asyncio.timeout(self._patience):
                answer = await exchange(self._http, request)
        except FOREIGN as error:
            raise failed(Call.REPEATABLE, error) from error
        if not answer.good:
            raise not_refreshed(answer.status)
        return answer

    def _keep(self, refresh_token: str) -> None:
        """Write a new refresh token over the old one; when that fails, remember it for as long as we live."""
        path = self._settings.refresh_token_file
        self._unwritten = refresh_token
        try:
            _write(path, refresh_token)
        except OSError as error:
            log.error("token.not_written", path=str(path), reason=error.strerror)  # noqa: TRY400  # the trace says no more
        else:
            self._unwritten = None


def token_source(settings: FaxPlusSettings, http: httpx.AsyncClient) -> TokenSource:
    """Make the token source that the settings name."""
    if settings.oauth is not None:
        # Half of a request's time: whoever waits for it still learns in time that nothing was sent.
        return OAuthToken(settings.oauth, http, patience=settings.request_timeout / 2)
    if settings.token_file is None:
        raise ValueError("the settings name neither token_file nor oauth")
    return PersonalToken(settings.token_file)


def _secret(path: Path) -> str:
    """Read a secret; what is wrong with its file is for the operator to mend."""
    try:
        text = secret(path).get_secret_value()
    except SecretError as error:
        raise FaxPlusError(Verdict.TEMPORARY, f"there is no token for FAX.PLUS: {error}", operator=True) from error
    if not text.isascii():
        raise FaxPlusError(Verdict.TEMPORARY, f"{path} holds something that is no token", operator=True)
    return text


def _token(value: object) -> str | None:
    """Only what can stand in a header, and on one line of a file, is a token."""
    return value if isinstance(value, str) and value.isascii() and value.isprintable() and value.strip() else None


def _basic(client_id: str, client_secret: str) -> str:
    return f"Basic {base64.b64encode(f'{client_id}:{client_secret}'.encode()).decode()}"


def _write(path: Path, text: str) -> None:
    """Replace a file at once, wholly or not at all, readable for its owner alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync(directory: Path) -> None:
    """Have a directory's new entries on disk: a void refresh token must not come back after a power cut."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
