"""One request and its answer: never redirected, never compressed, never longer than allowed."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pydantic_core

from gateway.faxplus.answers import FOREIGN

LONGEST = 10_000_000
"""Octets of an answer in JSON."""
LONGEST_REFUSAL = 65_536
"""Octets of an answer that is no 2xx; its status says the most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that was read to its end."""

    status: int
    headers: Mapping[str, str]  #: asked for without regard to case
    body: bytes
    fault: str = ""  #: why the body is not what was sent: too long, compressed; else empty

    @property
    def good(self) -> bool:
        """A 2xx."""
        return self.status // 100 == 2  # noqa: PLR2004  # the class of a status is its first digit

    @property
    def kind(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> object:
        """Read the body. What calls itself something else is JSON if it reads as such, and says anything at all.

        Raises:
            ValueError: it is not JSON.
        """
        if self.fault:
            raise ValueError(self.fault)
        if not self.kind or "json" in self.kind:
            return parse(self.body)
        with suppress(ValueError):
            if value := parse(self.body):
                return value
        raise ValueError(f"it is {self.kind}, not JSON")


def parse(body: bytes) -> object:
    """Read JSON from outside.

    Raises:
        ValueError: it is not JSON, nested too deeply, or not Unicode.
    """
    read: object = pydantic_core.from_json(body)
    return read


async def exchange(http: httpx.AsyncClient, request: httpx.Request, longest: int = LONGEST) -> Answer:
    """Send a request and read its answer. The caller sets the deadline.

    Raises:
        httpx.HTTPError: one of `answers.FOREIGN`, and its kin.
    """
    response = await http.send(request, stream=True, follow_redirects=False)
    try:
        if response.is_success:
            body, fault = await _read(response, longest)
            return Answer(response.status_code, response.headers, body, fault)
        return Answer(response.status_code, response.headers, await _refusal(response))
    finally:
        await response.aclose()


async def _refusal(response: httpx.Response) -> bytes:
    """What comes of the body of a refusal; when it breaks off, the status has said enough."""
    with suppress(*FOREIGN):
        body, fault = await _read(response, LONGEST_REFUSAL)
        return b"" if fault else body
    return b""


async def _read(response: httpx.Response, longest: int) -> tuple[bytes, str]:
    # We ask for "identity": what is compressed all the same may swell to any size.
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        return b"", "it is compressed, which we did not ask for"
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > longest:
            return b"", f"it is longer than {longest} octets"
    return bytes(body), ""
