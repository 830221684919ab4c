"""Uploads: once for all faxes of a mail, whole, and still right when the token is renewed while they leave."""

import asyncio
from pathlib import Path

import httpx
import pytest

from gateway.faxplus import FaxPlus, FaxPlusError
from gateway.worker.uploads import KEPT_FOR, DocumentLostError, Uploads
from tests.simulated import PDF
from tests.workshop import Workshop, answering, workshop

UPLOAD = "POST files"


class RenewableToken:
    """A token that is renewed when FAX.PLUS does not take it, as with OAuth2."""

    def __init__(self) -> None:
        self._renewed = False

    async def headers(self) -> dict[str, str]:
        """The old token, or the one that opens."""
        return {"Authorization": "Bearer alohi_pat_test" if self._renewed else "Bearer expired"}

    async def renew(self) -> bool:
        """There is another."""
        self._renewed = True
        return True


def uploads(shop: Workshop, faxplus: FaxPlus | None = None) -> Uploads:
    """What the submitter has."""
    return Uploads(store=shop.store, spool=shop.spool, faxplus=faxplus or shop.faxplus, now=shop.clock)


def test_token_expires_while_it_leaves(tmp_path: Path) -> None:
    """The document leaves twice, and is still the one that was accepted: nobody hears that it cannot be read."""

    async def story() -> tuple[list[bytes], list[str]]:
        async with workshop(tmp_path, token="alohi_pat_test") as shop, httpx.AsyncClient(transport=shop.way) as http:
            await shop.accept()
            faxplus = FaxPlus(shop.config.faxplus, http, RenewableToken(), now=shop.clock)
            await uploads(shop, faxplus).of("mail1")
            return [upload.content for upload in shop.account.uploads.values()], shop.way.calls

    assert ([PDF], [UPLOAD, UPLOAD]) == asyncio.run(story())


def test_two_at_the_same_time(tmp_path: Path) -> None:
    """Who comes while a mail is being uploaded waits, and gets the same."""

    async def story() -> tuple[bool, list[str]]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            ours = uploads(shop)
            (_, first), (_, second) = await asyncio.gather(ours.of("mail1"), ours.of("mail1"))
            return first == second, shop.way.calls

    assert (True, [UPLOAD]) == asyncio.run(story())


def test_one_failure_is_not_the_others(tmp_path: Path) -> None:
    """When the first of two fails, the second tries for itself."""

    async def story() -> list[bool]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            shop.way.meddle = answering(UPLOAD, 500)
            ours = uploads(shop)
            both = await asyncio.gather(ours.of("mail1"), ours.of("mail1"), return_exceptions=True)
            return [isinstance(one, FaxPlusError) for one in both]

    assert [True, False] == asyncio.run(story())


@pytest.mark.parametrize(("passed", "calls"), [(KEPT_FOR - 1, 1), (KEPT_FOR, 2), (-1.0, 2)])
def test_used_for_an_hour(passed: float, calls: int, tmp_path: Path) -> None:
    """An upload is used again for an hour; one from the future, by a clock since set back, never."""

    async def story() -> int:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await uploads(shop).of("mail1")
            shop.clock.at += passed
            await uploads(shop).of("mail1")
            return len(shop.way.calls)

    assert calls == asyncio.run(story())


def test_forgets_what_is_older(tmp_path: Path) -> None:
    """Only what was uploaded before the given time is forgotten, and it says whether there was anything."""

    async def story() -> list[bool]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            ours, now = uploads(shop), shop.clock()
            forgot = [await ours.forget("mail1", before=now + 1)]
            await ours.of("mail1")
            forgot += [await ours.forget("mail1", before=at) for at in (now, now + 1, now + 1)]
            return [*forgot, await ours.forget("no such mail", before=now + 1)]

    assert [False, False, True, False, False] == asyncio.run(story())


def test_no_record(tmp_path: Path) -> None:
    """A mail that nobody knows any more cannot be uploaded."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await uploads(shop).of("no such mail")

    with pytest.raises(DocumentLostError, match="its record is gone"):
        asyncio.run(story())
