"""Before the greeting: load balancers that say whose connection it is, listeners for some, and TLS that comes first."""

import contextlib
import socket
import ssl
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.smtp import welcome, wire
from tests.smtp_house import LISTED, STRANGER, House, a_mail, with_house

HEADER = b"PROXY TCP4 %s 198.51.100.1 4096 25\r\n"
MAIL = b"EHLO x\r\nMAIL FROM:<scan@example.org>\r\nRCPT TO:<15551234567@fax.local>\r\nDATA\r\n"


def hear(client: socket.socket) -> bytes:
    """Return everything until the server hangs up."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(10_000):
            heard += piece
    return heard


@pytest.mark.parametrize(
    ("listener", "refusal"),
    [("balanced", b"550 5.7.1 203.0.113.9 is not listed"), ("balanced-implicit", b"530 5.7.0 log in first")],
)
def test_the_client_behind_the_balancer(listener: str, refusal: bytes, tmp_path: Path) -> None:
    """Its address is who it is: for the rules and on record; TLS comes up behind the header, in the same packet too."""

    def client(house: House) -> None:
        for address in (b"127.0.0.1", b"203.0.113.9"):
            plain = house.connect(listener)
            plain.sendall(HEADER % address)
            with house.tls(plain) if listener == "balanced-implicit" else plain as connection:
                assert connection.recv(1000).startswith(b"220 ")
                connection.sendall(MAIL + a_mail() + b".\r\nQUIT\r\n")
                heard.append(hear(connection))

    heard: list[bytes] = []
    house = with_house(tmp_path, client)

    assert b"250 2.0.0 queued as id1\r\n" in heard[0]
    assert refusal in heard[1]
    assert ["127.0.0.1"] == [submission.client for submission, _, _ in house.accepted]


def test_header_and_tls_in_one_packet(tmp_path: Path) -> None:
    """What stands behind the header is the client's TLS, and none of it is lost."""

    def client(house: House) -> None:
        context = ssl.create_default_context()
        house.authority.configure_trust(context)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        layer = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with contextlib.suppress(ssl.SSLWantReadError):
            layer.do_handshake()
        with house.connect("balanced-implicit") as plain:
            plain.sendall(HEADER % b"127.0.0.1" + outgoing.read())
            while True:
                incoming.write(plain.recv(10_000))
                with contextlib.suppress(ssl.SSLWantReadError):
                    layer.do_handshake()
                    break
            plain.sendall(outgoing.read())
            greeting = b""
            while not greeting:
                with contextlib.suppress(ssl.SSLWantReadError):
                    greeting = layer.read(1000)
                    break
                incoming.write(plain.recv(10_000))

            assert greeting.startswith(b"220 ")

    with_house(tmp_path, client)


@pytest.mark.parametrize("said", [b"EHLO client\r\n", b"PROXY TCP4 x y 1 2\r\n", b"\x16\x03\x01\x00\xff\x01" * 20])
def test_a_balancer_that_does_not_say(said: bytes, tmp_path: Path) -> None:
    """Without a header nobody is served, for nobody knows who it is; the record tells which balancer it was."""

    def client(house: House) -> None:
        with house.connect("balanced") as connection:
            connection.sendall(said)

            assert b"" == hear(connection)

    with capture_logs() as logs:
        with_house(tmp_path, client)

    assert [LISTED] == [entry["balancer"] for entry in logs if entry["event"] == "proxy.refused"]


def test_a_balancer_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is hung up on soon."""
    monkeypatch.setattr(welcome, "HEADER_PATIENCE", 0.01)

    def client(house: House) -> None:
        with house.connect("balanced") as connection:
            assert b"" == hear(connection)

    with_house(tmp_path, client)


def test_others_are_no_balancers(tmp_path: Path) -> None:
    """From anybody else such a header is an unknown command, and changes nothing."""

    def client(house: House) -> None:
        with house.connect("balanced", source=STRANGER) as connection:
            connection.sendall(HEADER % b"127.0.0.1" + MAIL + b"QUIT\r\n")
            heard = hear(connection)

            assert b"500 5.5.1 this command is not known here\r\n" in heard
            assert b"550 5.7.1 127.0.0.2 is not listed" in heard

    with_house(tmp_path, client)


def test_limits_count_the_client_and_not_the_balancer(tmp_path: Path) -> None:
    """One client behind a balancer cannot take the places of the others behind it."""

    def client(house: House) -> None:
        with contextlib.ExitStack() as open_ones:
            greetings = []
            for address in (b"203.0.113.9", b"203.0.113.9", b"203.0.113.10"):
                connection = open_ones.enter_context(house.connect("balanced"))
                connection.sendall(HEADER % address)
                greetings.append(connection.recv(100)[:9])

            assert [b"220 fax.l", b"421 4.7.0", b"220 fax.l"] == greetings

    with_house(tmp_path, client, limits={"sessions_per_address": 1})


def test_a_listener_for_some(tmp_path: Path) -> None:
    """A legacy listener is there for the addresses that it lists, and says so to others, even if a rule lists them."""

    def client(house: House) -> None:
        for source, expected in (
            ("127.0.0.1", b"220 "),
            ("127.0.0.3", b"220 "),
            (STRANGER, b"554 5.7.1 this listener"),
        ):
            with house.connect("legacy", source) as connection:
                assert connection.recv(1000).startswith(expected)
                if not expected.startswith(b"220"):
                    assert b"" == connection.recv(1000)

    with_house(tmp_path, client)


def test_no_place_where_tls_comes_first(tmp_path: Path) -> None:
    """Whom there is no place for costs no handshake: the line goes dead."""

    def client(house: House) -> None:
        with house.connect("implicit") as first:
            assert first.recv(100).startswith(b"220 ")
            with socket.create_connection((LISTED, house.ports["implicit"])) as second:
                assert b"" == hear(second)

    with capture_logs() as logs:
        with_house(tmp_path, client, limits={"sessions": 1})

    assert [421] == [entry["code"] for entry in logs if entry["event"] == "client.refused"]


@pytest.mark.parametrize("said", [b"", b"EHLO client\r\n", b"\x16\x03\x01"])
def test_no_tls_where_it_comes_first(said: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence, plain SMTP and half a handshake are hung up on in time, and leave no place taken."""
    monkeypatch.setattr(wire, "HANDSHAKE_PATIENCE", 0.05)

    def client(house: House) -> None:
        with socket.create_connection((LISTED, house.ports["implicit"])) as connection:
            connection.sendall(said)

            assert b"220" not in hear(connection)
        monkeypatch.undo()
        with house.connect("implicit") as connection:
            assert connection.recv(100).startswith(b"220 ")

    with_house(tmp_path, client, limits={"sessions": 1})
