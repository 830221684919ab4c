"""Listeners: opened in this event loop, from the configuration or from systemd, and closed again."""

import asyncio
import contextlib
import errno
import os
import re
import resource
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.smtp import listener
from gateway.smtp.listener import ListenError, Listeners, activated
from gateway.smtp.spare import NO_DESCRIPTOR
from tests.smtp_house import LISTED, House, a_config, a_desk, with_house


async def _start_and_close(listeners: Listeners) -> dict[str, int]:
    try:
        return await listeners.start()
    finally:
        await listeners.close(0.0)


def test_ports(tmp_path: Path) -> None:
    """Each listener has a port of its own, known by its name."""
    house = with_house(tmp_path, lambda house: None)

    assert [listener.name for listener in house.config.listener] == list(house.ports)
    assert len(house.ports) == len(set(house.ports.values()))


def test_closed(tmp_path: Path) -> None:
    """After closing nobody gets in."""
    house = with_house(tmp_path, lambda house: None)
    with pytest.raises(ConnectionRefusedError):
        house.connect()


def test_address_in_use(tmp_path: Path) -> None:
    """What cannot be opened is named, with the reason."""
    with socket.create_server((LISTED, 0)) as taken:
        address = f"{LISTED}:{taken.getsockname()[1]}"
        config = a_config(tmp_path, listener=[{"name": "printers", "address": address}], users_file=None)
        with pytest.raises(ListenError, match=f'listener "printers" cannot listen on {address}: '):
            asyncio.run(_start_and_close(Listeners(config, a_desk(config).intake)))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(98, "error while attempting to bind on address ('127.0.0.1', 25)"), "Address already in use"),
        (PermissionError(13, "permission denied"), "ports below 1024 need a right; let systemd open it .*"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (OSError("could not bind on any address out of [('203.0.113.9', 25)]"), "could not bind on any address .*"),
    ],
)
def test_why_it_cannot_listen(error: OSError, words: str) -> None:
    """In words for who can help it, once."""

    assert re.fullmatch(words, listener._why_not(error))


def test_missing_certificate(tmp_path: Path) -> None:
    """A listener without its certificate does not come up in the open instead."""
    config = a_config(tmp_path, users_file=None)
    with pytest.raises(ListenError, match=r'listener "starttls" cannot use .*No such file'):
        asyncio.run(_start_and_close(Listeners(config, a_desk(config).intake)))


def test_ipv6(tmp_path: Path) -> None:
    """Addresses in brackets are IPv6, and its clients are known by theirs."""

    async def run() -> bytes:
        config = a_config(tmp_path, listener=[{"name": "six", "address": "[::1]:0"}], users_file=None)
        listeners = Listeners(config, a_desk(config).intake)
        ports = await listeners.start()
        reader, writer = await asyncio.open_connection("::1", ports["six"])
        writer.write(b"HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<15551234567@fax.local>\r\nQUIT\r\n")
        heard = await reader.read()
        writer.close()
        await listeners.close(0.0)
        return heard

    assert b"550 5.7.1 ::1 is not listed among those who may fax\r\n" in asyncio.run(run())


def test_sockets_from_systemd(tmp_path: Path) -> None:
    """A socket that systemd opened is used by the listener of its name, in place of its address."""

    async def run() -> tuple[int, int]:
        config = a_config(tmp_path, listener=[{"name": "printers", "address": "192.0.2.1:25"}], users_file=None)
        with socket.create_server((LISTED, 0)) as opened:
            first = os.dup(opened.fileno())
            environment = {"LISTEN_PID": "17", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "printers"}
            inherited = activated(environment, 17, first)
            ports = await _start_and_close(Listeners(config, a_desk(config).intake, inherited))
            return opened.getsockname()[1], ports["printers"]

    opened, used = asyncio.run(run())

    assert opened == used


def test_activated_by_name() -> None:
    """Several sockets may have one name; the child processes get none of them."""
    with socket.socket() as one, socket.socket(socket.AF_INET6) as two:
        first = max(one.fileno(), two.fileno()) + 10
        os.dup2(one.fileno(), first)
        os.dup2(two.fileno(), first + 1)
        environment = {"LISTEN_PID": "17", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:a"}
        found = activated(environment, 17, first)

    assert [socket.AF_INET, socket.AF_INET6] == [one.family for one in found["a"]]
    assert [False, False] == [one.get_inheritable() for one in found["a"]]
    for opened in found["a"]:
        opened.close()


@pytest.mark.parametrize("environment", [{}, {"LISTEN_PID": "18", "LISTEN_FDS": "1"}, {"LISTEN_PID": "17"}])
def test_not_activated(environment: dict[str, str]) -> None:
    """Without systemd, or with sockets that are meant for another process, there are none."""

    assert {} == activated(environment, 17)


def test_old_tls_is_refused(tmp_path: Path) -> None:
    """TLS 1.1 is not spoken."""

    def client(house: House) -> None:
        context = ssl.create_default_context()
        house.authority.configure_trust(context)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with (
            socket.create_connection((LISTED, house.ports["implicit"])) as plain,
            pytest.raises((ssl.SSLError, ConnectionError)),
        ):
            context.wrap_socket(plain, server_hostname="localhost")

    with pytest.warns(DeprecationWarning, match="TLSVersion"):
        with_house(tmp_path, client)


def _take_all_descriptors() -> list[int]:
    taken: list[int] = []
    with contextlib.suppress(OSError):
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    return taken


@pytest.fixture
def few_descriptors() -> Iterator[None]:
    """This process may have few files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 400), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_descriptor_left(tmp_path: Path, few_descriptors: None) -> None:
    """When accept(2) has no descriptor clients are told to come back, and when it has some again they are let in."""

    async def run() -> tuple[bytes, bytes]:
        loop = asyncio.get_running_loop()
        config = a_config(tmp_path, listener=[{"name": "plain", "address": "127.0.0.1:0"}], users_file=None)
        listeners = Listeners(config, a_desk(config).intake)
        address = LISTED, (await listeners.start())["plain"]
        with socket.socket() as early, socket.socket() as late:
            for client in (early, late):
                client.settimeout(0)
            taken = _take_all_descriptors()
            await loop.sock_connect(early, address)
            refused = await loop.sock_recv(early, 1000)
            for descriptor in taken:
                os.close(descriptor)
            await loop.sock_connect(late, address)
            greeted = await loop.sock_recv(late, 1000)
        await listeners.close(0.0)
        return refused, greeted

    with capture_logs() as logs:
        refused, greeted = asyncio.run(run())

    assert NO_DESCRIPTOR.encoded() == refused
    assert b"220 " == greeted[:4]
    assert [errno.EMFILE] == [entry["errno"] for entry in logs if entry["event"] == "listener.starved"]


@pytest.mark.parametrize("somebody_listens", [True, False])
def test_other_complaints_are_not_ours(
    somebody_listens: bool,  # noqa: FBT001  # a table
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What asyncio tells of others goes where it went before: to whoever listens, or to its log."""
    told: list[str] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        if somebody_listens:
            loop.set_exception_handler(lambda _, context: told.append(context["message"]))
        config = a_config(tmp_path, listener=[{"name": "plain", "address": "127.0.0.1:0"}], users_file=None)
        listeners = Listeners(config, a_desk(config).intake)
        await listeners.start()
        with socket.create_server((LISTED, 0)) as other:
            starved = OSError(errno.EMFILE, "")
            loop.call_exception_handler({"message": "web", "exception": starved, "socket": other})
            loop.call_exception_handler({"message": "broken", "exception": ValueError()})
            loop.call_exception_handler({"message": "bare"})
        await listeners.close(0.0)

    asyncio.run(run())

    logged = [record.getMessage().partition("\n")[0] for record in caplog.records if record.name == "asyncio"]

    assert ["web", "broken", "bare"] == (told or logged)
