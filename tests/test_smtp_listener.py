"""Listeners: opened in this event loop, from the configuration or from systemd, and closed again."""

import asyncio
import os
import socket
import ssl
from pathlib import Path

import pytest

from gateway.smtp.listener import ListenError, Listeners, activated
from tests.smtp_house import LISTED, House, a_config, a_desk, with_house


async def _start_and_close(listeners: Listeners) -> dict[str, int]:
    try:
        return await listeners.start()
    finally:
        await listeners.close(0.0)


def test_ports(tmp_path: Path) -> None:
    """Each listener has a port of its own, known by its name."""
    house = with_house(tmp_path, lambda house: None)

    assert {"plain", "starttls", "implicit"} == set(house.ports)
    assert 3 == len(set(house.ports.values()))


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
