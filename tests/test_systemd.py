"""Talking to systemd: over a real socket of both kinds, and never at the gateway's cost."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.systemd import say


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A systemd that listens."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@fax-gateway-test-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if name.startswith("@") else name)
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listening


def test_systemd_hears(systemd: socket.socket) -> None:
    """Each state is one datagram, word for word."""
    say("READY=1")
    say("STOPPING=1")

    assert [b"READY=1", b"STOPPING=1"] == [systemd.recv(100), systemd.recv(100)]


@pytest.mark.parametrize("address", [None, ""])
def test_without_systemd(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by hand, nobody is told, and nobody complains."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    with capture_logs() as logs:
        say("READY=1")

    assert [] == logs


@pytest.mark.parametrize("address", ["/nowhere/notify", "@nobody-listens", "vsock:2:1234", "/" + 200 * "x"])
def test_systemd_that_cannot_be_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that works goes on working; the log says that systemd does not know."""
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    with capture_logs() as logs:
        say("READY=1")

    assert [("systemd.not_told", "READY=1")] == [(entry["event"], entry["state"]) for entry in logs]
