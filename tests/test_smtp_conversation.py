"""What was said so far: EHLO tells exactly what works, and every verb knows its place. More in tests/data/smtp."""

from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.conversation import Conversation, Offer
from gateway.smtp.envelope import Client
from gateway.smtp.guesses import Guesses
from gateway.smtp.login import Logins
from gateway.smtp.parameters import MailWishes, RcptWishes
from gateway.smtp.reply import RefusedError
from gateway.users import Users
from tests.smtp_house import LISTED, a_config, a_desk
from tests.values import NOW


def a_conversation(
    directory: Path,
    *,
    starttls: bool = False,
    logins: Logins | None = None,
    tls: str = "",
    submission: bool = False,
    legacy: bool = False,
    open_login: bool = False,
) -> Conversation:
    """Begin one."""
    offer = Offer(
        own_name="gw.example",
        starttls=starttls,
        logins=logins,
        submission=submission,
        legacy=legacy,
        open_login=open_login,
    )
    return Conversation(offer, a_desk(a_config(directory)).intake, Client(ip=ip_address(LISTED), tls=tls))


ALWAYS = [
    "gw.example",
    "SIZE 64000000",
    "8BITMIME",
    "PIPELINING",
    "CHUNKING",
    "BINARYMIME",
    "DSN",
    "ENHANCEDSTATUSCODES",
]


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
    users = Logins(Users(tmp_path / "users"), Guesses(lambda: 0.0)) if logins else None
    conversation = a_conversation(tmp_path, starttls=starttls, logins=users, tls=tls)

    assert ALWAYS + expected == conversation.answer(b"EHLO", b"client").words.split("\n")


def test_open_logins(tmp_path: Path) -> None:
    """AUTH is listed and taken without TLS where the listener is set up for that, and nowhere else."""
    users = Logins(Users(tmp_path / "users"), Guesses(lambda: 0.0))
    opened, legacy = (
        a_conversation(tmp_path, legacy=True, logins=users, open_login=is_open) for is_open in (True, False)
    )
    listed = [words.answer(b"EHLO", b"client").words.split("\n")[-1] for words in (opened, legacy)]

    assert ["AUTH PLAIN LOGIN", "ENHANCEDSTATUSCODES"] == listed
    assert users is opened.check_login()
    with pytest.raises(RefusedError, match="538 5\\.7\\.11"):
        legacy.check_login()


def test_old_devices_need_not_say_their_name(tmp_path: Path) -> None:
    """On a legacy listener MAIL may come first, and EHLO may be empty; elsewhere neither may."""
    words = a_conversation(tmp_path, legacy=True)

    assert words.answer(b"MAIL", b"FROM:<a@example.org>").ok
    assert words.answer(b"EHLO", b"").ok
    assert "unknown" == words.client.name
    with pytest.raises(RefusedError, match="503 5\\.5\\.1"):
        a_conversation(tmp_path).answer(b"MAIL", b"FROM:<a@example.org>")
    with pytest.raises(RefusedError, match="501 5\\.5\\.4"):
        a_conversation(tmp_path).answer(b"EHLO", b"")


def test_binary_mail_comes_in_chunks(tmp_path: Path) -> None:
    """BODY=BINARYMIME excludes DATA (RFC 3030 section 3), and its envelope waits for BDAT."""
    words = a_conversation(tmp_path)
    words.answer(b"EHLO", b"client")
    words.answer(b"MAIL", b"FROM:<a@example.org> BODY=BINARYMIME")
    words.answer(b"RCPT", b"TO:<15551234567@fax.local>")
    with pytest.raises(RefusedError, match="503 5\\.5\\.1 BODY=BINARYMIME"):
        words.for_content()

    assert "a@example.org" == words.for_content(chunks=True).sender.written


def test_authors_may_ask_for_a_time(tmp_path: Path) -> None:
    """Where mail is submitted, EHLO tells how long it may be held back and how soon it can arrive."""
    lines = a_conversation(tmp_path, submission=True).answer(b"EHLO", b"client").words.split("\n")

    assert ["DSN", "FUTURERELEASE 2592000 2027-02-14T08:00:00Z", "DELIVERBY 300", "ENHANCEDSTATUSCODES"] == lines[6:]


def test_wishes_are_collected(tmp_path: Path) -> None:
    """What MAIL and RCPT ask for is in the envelope at DATA, each with its number."""
    conversation = a_conversation(tmp_path, submission=True)
    conversation.answer(b"EHLO", b"client")
    conversation.answer(b"MAIL", b"FROM:<a@example.org> RET=HDRS ENVID=a+2Bb HOLDFOR=60 BY=600;R")
    conversation.answer(b"RCPT", b"TO:<15551234567@fax.local> NOTIFY=NEVER")
    conversation.answer(b"RCPT", b"TO:<FAX=+12025550123@fax.local> ORCPT=rfc822;FAX+3D+2B12025550123@fax.local")
    envelope = conversation.for_content()

    assert envelope.wishes == MailWishes(
        ret="HDRS", envid="a+b", release_at=NOW + 60, hold="for;60", by_at=NOW + 600, by_mode="R"
    )
    assert RcptWishes(notify="NEVER") == envelope.asked_of("+15551234567")
    assert RcptWishes(orcpt="rfc822;FAX=+12025550123@fax.local") == envelope.asked_of("+12025550123")


def test_a_listener_for_relays_gives_no_times(tmp_path: Path) -> None:
    """Between servers nothing is held back (RFC 4865 section 4.2)."""
    conversation = a_conversation(tmp_path)
    conversation.answer(b"EHLO", b"client")

    with pytest.raises(RefusedError, match=r"555 5\.5\.4"):
        conversation.answer(b"MAIL", b"FROM:<a@example.org> HOLDFOR=60")


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
    st.sampled_from(
        [
            b"",
            b"FROM:<a@b>",
            b"FROM:<a@b> BY=600;R HOLDFOR=60",
            b"TO:<15551234567@fax.local> NOTIFY=DELAY",
            b"TO:<15551234567@fax.local>",
            b"TO:<postmaster>",
            b"FROM:<>",
        ]
    ),
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
