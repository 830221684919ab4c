"""Who cannot be let in for want of a descriptor hears so."""

import os
import socket

import pytest

from gateway.smtp.spare import NO_DESCRIPTOR, Spare


def test_turned_away() -> None:
    """One client at a time is told to come back; the listening socket works as before."""
    spare = Spare()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        with socket.create_connection(server.getsockname()) as client:
            told = spare.turn_away(server.fileno()), spare.turn_away(server.fileno())
            heard = client.makefile("rb").read()
        with socket.create_connection(server.getsockname()):
            server.settimeout(None)
            server.accept()[0].close()
    spare.give_up()

    assert (True, False) == told
    assert NO_DESCRIPTOR.encoded() == heard


def test_somebody_was_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spare that was lost to others is there again as soon as it can be."""
    with monkeypatch.context() as none_left:
        none_left.setattr(os, "devnull", "/nowhere")
        spare = Spare()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        lost = spare._held
        spare.turn_away(server.fileno())
        again = spare._held
    spare.give_up()

    assert lost is None
    assert again is not None
