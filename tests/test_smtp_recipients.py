"""RCPT: domain, operator, sender, number, destination, decided in that order."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from gateway.smtp.address import NOBODY, Address, parse
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.parameters import RcptWishes
from gateway.smtp.recipients import Recipients
from gateway.smtp.reply import RefusedError
from tests.relaying import forms
from tests.smtp_house import LISTED, STRANGER, a_config

ALICE = Address("alice", "example.org", "alice@example.org")
SCANNER = Address("scanner", "", "scanner")
NUMBER = "15551234567@fax.local"
OPEN = Recipients(a_config(Path()))


def add(
    recipient: str, *, ip: str = LISTED, sender: Address = ALICE, user: str | None = None, helps: bool = False
) -> str:
    """Say RCPT once; return what came of it."""
    envelope = Envelope(client=Client(ip=ip_address(ip), user=user, login_helps=helps), sender=sender)
    try:
        Recipients(a_config(Path())).add(envelope, parse(f"<{recipient}>".encode(), "5.1.3")[0])
    except RefusedError as error:
        return f"{error.reply.code} {error.reply.enhanced} {error.reply.words}"
    rule = envelope.rule.name if envelope.rule else "no rule"
    return f"{rule} {envelope.numbers} {'operator' if envelope.for_operator else ''}".strip()


@pytest.mark.parametrize(
    ("recipient", "options", "expected"),
    [
        (NUMBER, {}, "office {'+15551234567': '15551234567@fax.local'}"),
        (NUMBER, {"sender": SCANNER}, "office {'+15551234567': '15551234567@fax.local'}"),
        (NUMBER, {"ip": STRANGER, "user": "alice"}, "staff {'+15551234567': '15551234567@fax.local'}"),
        (NUMBER, {"ip": STRANGER}, "550 5.7.1 127.0.0.2 is not listed among those who may fax"),
        (NUMBER, {"ip": STRANGER, "helps": True}, "530 5.7.0 log in first, after STARTTLS: 127.0.0.2 is not listed"),
        (NUMBER, {"sender": NOBODY, "helps": True}, "550 5.7.1 mail without a sender is not faxed"),
        ("abc@fax.local", {"ip": STRANGER}, "550 5.7.1 127.0.0.2 is not listed"),
        ("abc@fax.local", {}, "550 5.1.1 not a fax number"),
        ("15551234567@other.example", {"ip": STRANGER}, "550 5.7.1 relaying denied"),
        ("15551234567", {}, "553 5.1.3 write the recipient as <number@domain>"),
        ("postmaster", {"ip": STRANGER, "sender": NOBODY}, "no rule {} operator"),
        ("Abuse@FAX.local", {"ip": STRANGER}, "no rule {} operator"),
        ("abuse", {}, "553 5.1.3 write the recipient"),
        ("postmaster@other.example", {}, "550 5.7.1 relaying denied"),
        ("493012345678@fax.local", {}, "550 5.7.1 calls to DE are not allowed here, only to US"),
        ("12025550100@fax.local", {}, "550 5.7.1 this is the gateway's own number"),
    ],
)
def test_decision(recipient: str, options: dict[str, object], expected: str) -> None:
    """Each kind of recipient and sender gets what it must, with the reason."""

    assert add(recipient, **options).startswith(expected)  # type: ignore[arg-type]  # a table of keyword arguments


def test_sender_without_domain_needs_somebody_to_tell() -> None:
    """A device may have no mail address, but then its rule must say who hears how it went."""
    silent = a_config(Path(), sender=[{"name": "office", "networks": [LISTED]}])
    envelope = Envelope(client=Client(ip=ip_address(LISTED)), sender=SCANNER)
    with pytest.raises(RefusedError, match=r"550 5\.1\.7 the sender address needs a domain"):
        Recipients(silent).add(envelope, parse(f"<{NUMBER}>".encode(), "5.1.3")[0])


def test_refused_recipients_leave_the_envelope_alone() -> None:
    """One bad recipient spoils nothing, and does not count."""
    recipients = Recipients(a_config(Path(), limits={"recipients": 2}))
    envelope = Envelope(client=Client(ip=ip_address(LISTED)), sender=ALICE)
    said = []
    for local_part in ("15551234567", "abc", "postmaster", "12025550123"):
        try:
            said.append(recipients.add(envelope, Address(local_part, "fax.local", f"{local_part}@fax.local")).code)
        except RefusedError as error:
            said.append(error.reply.code)

    assert [250, 550, 250, 452] == said
    assert (["+15551234567"], 2) == (list(envelope.numbers), envelope.accepted)


@pytest.mark.parametrize("form", sorted(set(forms())))
def test_no_open_relay(form: str) -> None:
    """Nobody, not even who may fax, gets mail carried on to another host, in whatever form it is asked for."""
    envelope = Envelope(client=Client(ip=ip_address(LISTED), called=ip_address("127.0.0.1")), sender=ALICE)
    with pytest.raises(RefusedError) as caught:
        OPEN.add(envelope, parse(f"<{form}>".encode(), "5.1.3")[0])

    assert caught.value.reply.code in {501, 550, 553}
    assert ({}, 0) == (envelope.numbers, envelope.accepted)


def test_there_are_enough_forms() -> None:
    """As many as were asked for, each once."""

    assert len(set(forms())) >= 200


@pytest.mark.parametrize(
    ("domain", "called", "taken"),
    [
        ("[127.0.0.1]", "127.0.0.1", True),
        ("[127.0.0.1]", "127.0.0.2", False),
        ("[127.0.0.1]", None, False),
        ("[IPv6:::1]", "::1", True),
        ("[ipv6:0:0:0:0:0:0:0:1]", "::1", True),
        ("[IPv6:::2]", "::1", False),
        ("[192.0.2.1]", None, True),
        ("[IPv6:2001:DB8::0:1]", None, True),
        ("[IPv6:2001:db8::2]", None, False),
    ],
)
def test_domain_literals(domain: str, called: str | None, *, taken: bool) -> None:
    """The address that was called is ours, and those that are listed; for postmaster too (RFC 5321 section 4.1.3)."""
    recipients = Recipients(a_config(Path(), domains=["fax.local", "[192.0.2.1]", "[IPv6:2001:db8::1]"]))
    codes = []
    for local in ("15551234567", "postmaster"):
        client = Client(ip=ip_address(LISTED), called=ip_address(called) if called else None)
        try:
            reply = recipients.add(
                Envelope(client=client, sender=ALICE), parse(f"<{local}@{domain}>".encode(), "5.1.3")[0]
            )
        except RefusedError as error:
            reply = error.reply
        codes.append(f"{reply.code} {reply.enhanced}")

    assert ["250 2.1.5" if taken else "550 5.7.1"] * 2 == codes


@pytest.mark.parametrize(
    "recipient",
    [
        "15551234567@fax.local",
        "FAX=+15551234567@FAX.local",
        '"FAX=\\+15551234567"@fax.local',
        "@relay.example:fax=+1-555-123.4567@fax.local",
        "+1 (555) 123-4567@fax.local",
        "(555) 123-4567@fax.local",
        '"[FAX:Ann Lee@+1 (555) 123-4567]"@fax.local',
        "IMCEAFAX-Ann+20Lee+40+2B15551234567@fax.local",
        "/fax=+15551234567/name=Ann/@[127.0.0.1]",
    ],
)
def test_spellings_are_one_fax(recipient: str) -> None:
    """However a number is written, it is the same fax, and counts once."""
    envelope = Envelope(client=Client(ip=ip_address(LISTED), called=ip_address("127.0.0.1")), sender=ALICE)
    for one in (recipient, "5551234567@fax.local"):
        OPEN.add(envelope, parse(f"<{one}>".encode(), "5.1.3")[0])

    assert {"+15551234567": recipient.removeprefix("@relay.example:")} == envelope.numbers
    assert 2 == envelope.accepted


def test_wishes_go_with_the_number() -> None:
    """What RCPT asks for belongs to the fax that it makes."""
    envelope = Envelope(client=Client(ip=ip_address(LISTED)), sender=ALICE)
    OPEN.add(envelope, parse(f"<{NUMBER}>".encode(), "5.1.3")[0], RcptWishes(notify="NEVER"))
    OPEN.add(envelope, parse(b"<12025550123@fax.local>", "5.1.3")[0])

    assert ("NEVER", "") == (envelope.asked_of("+15551234567").notify, envelope.asked_of("+12025550123").notify)
