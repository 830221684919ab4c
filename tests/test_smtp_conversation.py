"""What was said so far: EHLO tells exactly what works, and every verb knows its place. More in tests/data/smtp."""

from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.conversation import Conversation, Offer
from gateway.smtp.envelope import Client
from gateway.smtp.login import Logins
from gateway.smtp.reply import RefusedError
from gateway.users import Users
from tests.smtp_house import LISTED, a_config, a_desk


def a_conversation(
    directory: Path, *, starttls: bool = False, logins: Logins | None = None, tls: str = ""
) -> Conversation:
    """Begin one."""
    offer = Offer(own_name="gw.example", starttls=starttls, logins=logins)
    return Conversation(offer, a_desk(a_config(directory)).intake, Client(ip=ip_address(LISTED), tls=tls))


ALWAYS = ["gw.example", "SIZE 64000000", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES"]


@pytest.mark.parametrize(
    ("starttls", "logins", "tls", "expected"),
    [
        (False, False, "", []),
        (True, True, "", ["STARTTLS"]),
        (True, True, "TLSv1.3", ["AUTH PLAIN LOGIN"]),
        (True, False, "TLSv1.3", []),
        (False, True, "TLSv1.3", ["AUTH PLAIN LOGIN"]),
    ],
)
def test_ehlo(starttls: bool, logins: bool, tls: str, expected: list[str], tmp_path: Path) -> None:  # noqa: FBT001  # a table
    """STARTTLS is listed until it is used, AUTH only where a password is safe."""
    users = Logins(Users(tmp_path / "users")) if logins else None
    conversation = a_conversation(tmp_path, starttls=starttls, logins=users, tls=tls)

    assert ALWAYS + expected == conversation.answer(b"EHLO", b"client").words.split("\n")


def test_helo_is_not_extended(tmp_path: Path) -> None:
    """Who says HELO is told our name alone, and is remembered as it is."""
    conversation = a_conversation(tmp_path)

    assert "gw.example" == conversation.answer(b"HELO", b"client").words
    assert ("client", False) == (conversation.client.name, conversation.client.extended)


def test_content_ends_the_envelope(tmp_path: Path) -> None:
    """What DATA takes away is gone: the next mail begins with MAIL."""
    conversation = a_conversation(tmp_path)
    conversation.answer(b"HELO", b"client")
    conversation.answer(b"MAIL", b"FROM:<a@example.org>")
    conversation.answer(b"RCPT", b"TO:<15551234567@fax.local>")

    assert ["+15551234567"] == list(conversation.for_content().numbers)
    with pytest.raises(RefusedError, match=r"503 5\.5\.1 say MAIL first"):
        conversation.for_content()


def test_announced_and_forgotten(tmp_path: Path) -> None:
    """What SIZE says is known until the mail is forgotten; then another one may begin."""
    conversation = a_conversation(tmp_path)
    conversation.answer(b"HELO", b"client")
    conversation.answer(b"MAIL", b"FROM:<a@example.org> SIZE=17")
    before = conversation.announced
    conversation.forget()

    assert (17, 0) == (before, conversation.announced)
    assert 250 == conversation.answer(b"MAIL", b"FROM:<a@example.org>").code


VERBS = st.sampled_from([b"HELO", b"EHLO", b"MAIL", b"RCPT", b"RSET", b"NOOP", b"VRFY", b"HELP", b"EXPN", b"XXXX"])
ARGUMENTS = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"", b"FROM:<a@b>", b"TO:<15551234567@fax.local>", b"TO:<postmaster>", b"FROM:<>"]),
)


@given(said=st.lists(st.tuples(VERBS, ARGUMENTS), max_size=12))
@settings(max_examples=150, deadline=None)
def test_anything(said: list[tuple[bytes, bytes]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is said in whatever order, each command gets a well-formed reply and nothing else happens."""
    conversation = a_conversation(tmp_path_factory.getbasetemp())
    for verb, argument in said:
        try:
            reply = conversation.answer(verb, argument)
        except RefusedError as error:
            reply = error.reply

        assert 200 <= reply.code < 600
        assert reply.encoded().endswith(b"\r\n")
