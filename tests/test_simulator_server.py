"""On a real socket: the vendor's own client, webhooks that arrive, and a clean stop."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faxplus
import httpx
import pytest
from structlog.testing import capture_logs

from gateway.simulator import Account, SimulatorSettings, running, serve
from tests.simulated import BUSY_TWICE, OURS, PDF, THEIRS, hooked, sent, until

INSTANT = SimulatorSettings(speed=1e9)
"""A fax has ended before the next request can be made."""


class Vendor:
    """The vendor's client, pointed at the simulator."""

    def __init__(self, base_url: str, token: str) -> None:
        configuration = faxplus.Configuration()
        configuration.host = base_url
        configuration.access_token = token
        self._client = faxplus.ApiClient(configuration)
        self.accounts = faxplus.AccountsApi(self._client)
        self.faxes = faxplus.FaxesApi(self._client)
        self.files = faxplus.FilesApi(self._client)
        self.numbers = faxplus.NumbersApi(self._client)
        self.outbox = faxplus.OutboxApi(self._client)
        self.shop = faxplus.ShopApi(self._client)
        self.webhooks = faxplus.WebhooksApi(self._client)

    def close(self) -> None:
        """Close its connections."""
        self._client.rest_client.pool_manager.clear()


def with_vendor(doing: Callable[[Vendor], Any], settings: SimulatorSettings, token: str = "alohi_pat_t") -> Any:
    """Let the vendor's client, which blocks, do something with a running simulator."""

    def at(base_url: str) -> Any:
        vendor = Vendor(base_url, token)
        try:
            return doing(vendor)
        finally:
            vendor.close()

    async def run() -> Any:
        async with running(settings) as base_url:
            return await asyncio.to_thread(at, base_url)

    return asyncio.run(run())


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A file to send."""
    path = tmp_path / "letter.pdf"
    path.write_bytes(PDF)
    return path


def an_outgoing(path: str, to: str = THEIRS) -> Any:
    """An order in the vendor's words."""
    return faxplus.PayloadOutbox(
        from_number=OURS,
        to=[to],
        files=[path],
        comment=faxplus.OutboxComment(tags=["f1-1"], text="f1-1"),
        options=faxplus.OutboxOptions(enhancement=True, retry=faxplus.RetryOptions(count=0, delay=0)),
        return_ids=True,
    )


def test_vendor_client_before_sending(letter: Path) -> None:
    """With the vendor's client: upload, send, list and get from the outbox, change, take back."""

    def doing(vendor: Vendor) -> list[Any]:
        path = vendor.files.upload_file("self", fax_file=str(letter), format="pdf").path
        ids = vendor.outbox.send_fax("self", an_outgoing(path)).ids
        listed = vendor.outbox.list_outbox_faxes("self").records
        one = vendor.outbox.get_outbox_fax("self", ids[THEIRS])
        vendor.outbox.update_outbox_fax("self", one.id, faxplus.PayloadOutboxModification(comment="changed"))
        changed = vendor.outbox.get_outbox_fax("self", one.id).comment.text
        vendor.outbox.delete_outbox_fax("self", one.id)
        left = vendor.outbox.list_outbox_faxes("self").records
        return [[job.id for job in listed] == [ids[THEIRS]], one.status, one.comment.text, one.to, changed, left]

    slow = SimulatorSettings(seconds_to_convert=3600.0)

    assert [True, "submitted", "f1-1", [THEIRS], "changed", []] == with_vendor(doing, slow)


def test_vendor_client_after_sending(letter: Path) -> None:
    """With the vendor's client: list and get from the archive, change, download document and report, delete."""

    def doing(vendor: Vendor) -> list[Any]:
        path = vendor.files.upload_file("self", fax_file=str(letter)).path
        fax_id = vendor.outbox.send_fax("self", an_outgoing(path)).ids[THEIRS]
        (listed,) = vendor.faxes.list_faxes("self", category="sent").data.records
        fax = vendor.faxes.get_fax("self", fax_id)
        vendor.faxes.update_fax("self", fax_id, faxplus.PayloadFaxModification(comment="read", is_read=True))
        read = vendor.faxes.get_fax("self", fax_id)
        document = vendor.files.get_file("self", fax_id, format="pdf", _preload_content=False)
        report = vendor.files.get_fax_report("self", fax_id, _preload_content=False)
        vendor.faxes.delete_fax("self", fax_id)
        left = vendor.faxes.list_faxes("self").data.records
        return [
            (listed.id == fax_id, fax.status, fax.pages, fax.duration, fax.comment),
            (read.comment, read.is_read),
            (document.data, report.data[:5]),
            left,
        ]

    assert [
        (True, "success", 2, 100, "f1-1"),
        ("read", True),
        (PDF, b"%PDF-"),
        [],
    ] == with_vendor(doing, INSTANT)


def test_vendor_client_about_the_account() -> None:
    """With the vendor's client: account, numbers, credit and webhooks."""

    def doing(vendor: Vendor) -> list[Any]:
        hook = faxplus.Webhook(target="http://127.0.0.1:9/hook", event="fax_sent")
        hook_id = vendor.webhooks.create_webhook(hook).id
        hooks = vendor.webhooks.get_webhooks("fax_sent").data
        vendor.webhooks.delete_webhook(hook_id)
        return [
            vendor.accounts.get_user("self").account_data.save_history,
            [number.number for number in vendor.numbers.list_numbers("self").numbers],
            vendor.numbers.get_number("self", OURS).status,
            vendor.shop.get_balance().amount,
            [(one.id == hook_id, one.target) for one in hooks],
            vendor.webhooks.get_webhooks("fax_sent").data,
        ]

    assert [True, [OURS], "active", 5.0, [(True, "http://127.0.0.1:9/hook")], []] == with_vendor(
        doing, SimulatorSettings(balance=5.0)
    )


def test_vendor_client_with_a_wrong_token() -> None:
    """The vendor's client understands a refusal."""

    def doing(vendor: Vendor) -> Any:
        with pytest.raises(faxplus.rest.ApiException) as refused:
            vendor.accounts.get_user("self")
        return refused.value.status, json.loads(refused.value.body)["error"]

    assert (401, "unauthorized") == with_vendor(doing, SimulatorSettings(token="right"), token="wrong")


class Receiver:
    """A server that webhooks are sent to: keeps each request, answers as told."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") -> None:
        self.requests: asyncio.Queue[bytes] = asyncio.Queue()
        self._answer = answer

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take requests of one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await self.requests.put(head + await reader.readexactly(length))
                writer.write(self._answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def received(count: int, receiver: Receiver, *, target: str = "/hook") -> tuple[list[dict[str, Any]], list[Any]]:
    """Faxes sent to a number that is busy twice: so many calls as they arrive, and what was logged."""

    async def run() -> list[bytes]:
        account = Account(INSTANT, now=time.time, chance=random.Random(1))
        server = await asyncio.start_server(receiver, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, running(account=account):
            hooked(account, target=f"http://127.0.0.1:{port}{target}")
            for _ in range(count):
                sent(account, BUSY_TWICE)
            await until(lambda: len(logged) == count)
        return [receiver.requests.get_nowait() for _ in range(count)]

    with capture_logs() as logged:
        requests = asyncio.run(run())
    return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in requests], list(logged)


def test_webhooks_arrive() -> None:
    """Every call arrives as a POST of JSON at the registered target, and is logged without numbers."""
    calls, logged = received(3, Receiver())

    assert ["failed_user_busy", "failed_user_busy", "success"] == sorted(call["data"]["status"] for call in calls)
    assert {("webhook.called", 200)} == {(event["event"], event["answer"]) for event in logged}
    assert "555" not in str([{**event, "fax": ""} for event in logged])


def test_redirects_are_not_followed() -> None:
    """A receiver that sends the call elsewhere has had it."""
    _, logged = received(1, Receiver(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"))

    assert [302] == [event["answer"] for event in logged]


def test_receiver_that_is_not_there() -> None:
    """Nobody at the target: the call is dropped and logged, and the simulator serves on."""

    async def run() -> int:
        account = Account(INSTANT, now=time.time, chance=random.Random(1))
        async with running(account=account) as base_url, httpx.AsyncClient(trust_env=False) as http:
            hooked(account, target="http://127.0.0.1:1/hook")
            sent(account)
            await until(lambda: logged)
            return (await http.get(f"{base_url}/accounts/self", headers={"Authorization": "Bearer t"})).status_code

    with capture_logs() as logged:
        status = asyncio.run(run())

    assert 200 == status
    assert [("webhook.failed", "ConnectError")] == [(event["event"], event["reason"]) for event in logged]


def test_serve_until_cancelled() -> None:
    """The command's function tells where it listens, serves there, and stops when it is cancelled."""

    async def run() -> tuple[str, int, bool]:
        told: asyncio.Queue[str] = asyncio.Queue()
        serving = asyncio.create_task(serve("127.0.0.1", 0, SimulatorSettings(), listening=told.put_nowait))
        base_url = await told.get()
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{base_url}/accounts/self", headers={"Authorization": "Bearer t"})
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            with pytest.raises(httpx.ConnectError):
                await http.get(base_url)
        return base_url, answer.status_code, serving.cancelled()

    base_url, status, cancelled = asyncio.run(run())

    assert (200, True) == (status, cancelled)
    assert base_url.startswith("http://127.0.0.1:")
    assert base_url.endswith("/v3")


def test_address_in_use() -> None:
    """An address that is taken is an error of the start, not a silent failure."""

    async def run() -> None:
        async with running() as base_url:
            port = int(base_url.rpartition(":")[2].partition("/")[0])
            async with running(port=port):
                pass

    with pytest.raises(OSError, match="in use"):
        asyncio.run(run())


def test_ipv6() -> None:
    """It listens on IPv6 too, and writes the address as URLs want it."""

    async def run() -> str:
        async with running(host="::1") as base_url:
            return base_url

    assert asyncio.run(run()).startswith("http://[::1]:")


def test_errors_inside_stay_what_they_are() -> None:
    """What goes wrong while it runs comes out unwrapped, and the simulator is stopped all the same."""

    async def run() -> None:
        async with running():
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        asyncio.run(run())
