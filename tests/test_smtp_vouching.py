"""Mail that is let in for its domain, over real sockets and with a real name server: by SPF, by DKIM, or not at all."""

import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.smtp import content
from gateway.smtp.vouching import MOST_A_DAY
from tests.name_server import BROKEN, SILENT, NameServer, Zone, name_server, text
from tests.signing import ed25519_key, published, rsa_key, signature
from tests.smtp_house import LISTED, STRANGER, House, a_mail, with_house

NUMBER, SENDER = "+15551234567@fax.local", "alice@example.org"
PARTNERS: dict[str, Any] = {"name": "partners", "domains": ["example.org"]}
OFFICE: dict[str, Any] = {"name": "office", "networks": [LISTED]}
MAIL = a_mail(before="To: +15551234567@fax.local, Bob <+15551234568@fax.local>\r\n")


def spf(record: str) -> dict[tuple[str, str], list[str]]:
    """What example.org says of SPF, and its key."""
    return {("example.org", "TXT"): [text(record)]} | published(rsa_key())


PASS, FAIL, SOFTFAIL = spf(f"v=spf1 ip4:{STRANGER} -all"), spf("v=spf1 -all"), spf("v=spf1 ~all")
NEUTRAL, NONE = spf("v=spf1 ?all"), published(rsa_key())
NOBODY_SAYS: dict[tuple[str, str], list[str]] = {("example.org", "TXT"): [SILENT]} | published(rsa_key())
SIGNED = signature(MAIL, rsa_key()) + MAIL
TIMEOUT = "300ms"


def from_(author: str) -> bytes:
    """The mail, by somebody else."""
    return MAIL.replace(b"From: Alice <alice@example.org>", author.encode())


def opened(directory: Path, zone: Zone, what: Callable[[House], Any], **changed: Any) -> tuple[House, NameServer]:
    """Open a door whose DNS has this zone, for partners unless other rules are given."""
    with name_server(zone) as server:
        dns = {"nameservers": [server.address], "timeout": TIMEOUT}
        house = with_house(directory, what, **{"sender": [PARTNERS], "dns": dns} | changed)
    return house, server


def send(
    directory: Path,
    zone: Zone,
    mail: bytes,
    sender: str = SENDER,
    to: str = NUMBER,
    source: str = STRANGER,
    rules: Any = (),
    **changed: Any,
) -> tuple[str, House, NameServer]:
    """Send a mail, a stranger's unless told otherwise; the first reply that refuses it, or the last one."""
    said: list[str] = []

    def story(house: House) -> None:
        with smtplib.SMTP(LISTED, house.ports["plain"], source_address=(source, 0)) as client:
            client.ehlo("mail.example.org")
            for reply in (client.mail(sender), client.rcpt(to)):
                said[:] = [f"{reply[0]} {reply[1].decode()}"]
                if reply[0] >= 400:
                    return
            code, words = client.data(mail)
            said[:] = [f"{code} {words.decode()}"]

    house, server = opened(directory, zone, story, sender=list(rules) or [PARTNERS], **changed)
    return " ".join(said[0].split()), house, server


@pytest.mark.parametrize(
    ("zone", "mail", "by"),
    [
        (PASS, MAIL, "SPF of example.org"),
        (PASS, SIGNED, "SPF of example.org"),
        (FAIL, SIGNED, "the DKIM signature of example.org (selector s)"),
        (SOFTFAIL, SIGNED, "the DKIM signature of example.org (selector s)"),
        (NEUTRAL, SIGNED, "the DKIM signature of example.org (selector s)"),
        (NONE, SIGNED, "the DKIM signature of example.org (selector s)"),
        (NOBODY_SAYS, SIGNED, "the DKIM signature of example.org (selector s)"),
        (
            FAIL | published(ed25519_key()),
            signature(MAIL, ed25519_key()) + MAIL,
            "the DKIM signature of example.org (selector s)",
        ),
    ],
)
def test_who_is_let_in(zone: Zone, mail: bytes, by: str, tmp_path: Path) -> None:
    """SPF is enough, and so is a signature; the record has which it was."""
    with capture_logs() as events:
        said, house, _ = send(tmp_path, zone, mail)
    [(submission, faxes, _)] = house.accepted

    assert "250 2.0.0 queued as id1" == said
    assert ("partners", SENDER, ["+15551234567"]) == (submission.rule, submission.sender, [fax.number for fax in faxes])
    assert [by] == [event["by"] for event in events if event["event"] == "origin.shown"]


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        (FAIL, "fail"),
        (SOFTFAIL, "softfail"),
        (NEUTRAL, "neutral"),
        (NONE, "none"),
        (spf("v=spf1 nonsense"), "permerror"),
    ],
)
def test_who_is_refused_at_the_dot(zone: Zone, says: str, tmp_path: Path) -> None:
    """A mail that neither SPF nor a signature shows to be the domain's."""
    said, house, _ = send(tmp_path, zone, MAIL)

    assert (
        f"550 5.7.1 nothing shows that this mail is from example.org: SPF says {says} of 127.0.0.2, "
        "and the mail has no DKIM signature of example.org"
    ) == said
    assert ([], []) == (house.accepted, house.drafts())


def test_a_broken_signature_is_named(tmp_path: Path) -> None:
    """The reason is in the words."""
    said, *_ = send(tmp_path, FAIL, SIGNED.replace(b"Catalog", b"Katalog"))

    assert said.endswith("the DKIM signature of example.org (selector s) does not count: the body was changed")


@pytest.mark.parametrize(
    ("zone", "mail"),
    [
        (NOBODY_SAYS, MAIL),
        ({("example.org", "TXT"): [BROKEN]}, MAIL),
        (FAIL | {("s._domainkey.example.org", "TXT"): [SILENT]}, SIGNED),
        ({("example.org", "TXT"): [SILENT], ("s._domainkey.example.org", "TXT"): [SILENT]}, SIGNED),
    ],
)
def test_who_should_come_again(zone: Zone, mail: bytes, tmp_path: Path) -> None:
    """While the DNS does not say, nothing is let in and nothing refused for good; nobody waits for long."""
    said, house, _ = send(tmp_path, zone, mail)

    assert (
        "451 4.7.1 the DNS does not show at the moment that this mail is from example.org; please try again later"
    ) == said
    assert ([], []) == (house.accepted, house.drafts())


@pytest.mark.parametrize(
    "author",
    [
        "From: alice@example.org\r\nFrom: alice@example.org",
        "From: alice@example.org, mallory@evil.example",
        "From: mallory@evil.example",
        "From: alice@mail.example.org",
        "From : alice@example.org\r\nFrom: mallory@evil.example",
        "X-Nobody: here",
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_from_is_of_the_domain(author: str, tmp_path: Path, *, signed: bool) -> None:
    """One From, with one address of the domain, whatever else speaks for the mail."""
    mail = from_(author)
    said, *_ = send(tmp_path, PASS, signature(MAIL, rsa_key()) + mail if signed else mail)

    assert (
        '550 5.7.1 the mail must have one From, with one address of example.org, for the sender rule "partners"'
    ) == said


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        (PASS, "250 2.0.0 queued as id1"),
        (FAIL, '550 5.7.1 the sender rule "partners" does not let the address in From fax'),
    ],
)
def test_a_signature_binds_from_to_the_rule(zone: Zone, says: str, tmp_path: Path) -> None:
    """The envelope sender is not signed, so `from` is held against who wrote the mail, too."""
    rule = PARTNERS | {"from": ["billing@example.org"]}
    said, *_ = send(tmp_path, zone, SIGNED, sender="billing@example.org", rules=[rule])

    assert says == said


@pytest.mark.parametrize(
    ("zone", "to", "taken"),
    [
        (FAIL, NUMBER, True),
        (FAIL, "+15551234568@FAX.local", True),
        (FAIL, "+15551234569@fax.local", False),
        (PASS, "+15551234569@fax.local", True),
    ],
)
def test_a_signed_mail_is_not_sent_on_to_others(zone: Zone, to: str, tmp_path: Path, *, taken: bool) -> None:
    """Whoever has got a signed mail cannot have it faxed to a number of his choice. SPF knows who is on the line."""
    said, *_ = send(tmp_path, zone, SIGNED, to=to)
    refused = "550 5.7.1 a signed mail is faxed to the numbers in its To and Cc alone, and not all of these are there"

    assert ("250 2.0.0 queued as id1" if taken else refused) == said


def test_a_signed_mail_is_let_in_a_few_times(tmp_path: Path) -> None:
    """Whoever has got it cannot have it faxed time and again, under ever other senders; other mails have their turn."""
    heard: list[int] = []
    other = MAIL.replace(b"Catalog", b"Katalog")

    def story(house: House) -> None:
        with smtplib.SMTP(LISTED, house.ports["plain"], source_address=(STRANGER, 0)) as client:
            client.ehlo("mail.example.org")
            for n in range(MOST_A_DAY + 1):
                again = (
                    SIGNED
                    if n % 2
                    else SIGNED.replace(b"Content-Type: multipart/mixed", b"X: y\r\nContent-Type: multipart/mixed")
                )
                client.mail(f"bounce+{n}@example.org")
                client.rcpt(NUMBER)
                heard.append(client.data(again)[0])
            for to, mail in (("+15551234568@fax.local", SIGNED), (NUMBER, signature(other, rsa_key()) + other)):
                client.mail(SENDER)
                client.rcpt(to)
                heard.append(client.data(mail)[0])

    opened(tmp_path, FAIL, story)

    assert [250] * MOST_A_DAY + [450, 250, 250] == heard


@pytest.mark.parametrize(
    ("to", "subject", "says"),
    [
        ("Scan@fax.local", "", "250 2.0.0 queued as id1"),
        ("scan@[127.0.0.1]", "", "550 5.7.1 a signed mail is faxed to the numbers in its To and Cc alone"),
        ("scan@fax.local", "+15551234569", "550 5.7.1 nothing shows that this mail is from example.org"),
    ],
)
def test_a_signature_binds_the_number_in_the_subject(to: str, subject: str, says: str, tmp_path: Path) -> None:
    """The Subject must be signed, and the address that leads to it must be named as any other."""
    mail = MAIL.replace(b"Subject: Invoice 17", b"Subject: +15551234567").replace(NUMBER.encode(), b"scan@fax.local")
    mail = signature(mail, rsa_key(), header="from:to") + mail if subject else signature(mail, rsa_key()) + mail
    changed = mail.replace(b"Subject: +15551234567", f"Subject: {subject or '+15551234567'}".encode())
    said, *_ = send(tmp_path, FAIL, changed, to=to, numbers={"from_subject": "scan"})

    assert said.startswith(says)


@pytest.mark.parametrize(
    ("sender", "says"),
    [
        ("alice@mail.example.org", "550 5.7.1 127.0.0.2 is not listed among those who may fax"),
        ("alice@evil.example", "550 5.7.1 127.0.0.2 is not listed among those who may fax"),
        ("alice@example.org.evil.example", "550 5.7.1 127.0.0.2 is not listed among those who may fax"),
        ("", "550 5.7.1 mail without a sender is not faxed: nobody could be told how it went"),
        ("mailer-daemon@example.org", "550 5.7.1 bounces and list mail are not faxed"),
    ],
)
def test_nobody_else_costs_a_question(sender: str, says: str, tmp_path: Path) -> None:
    """Strangers are refused at RCPT as ever, and the DNS is not asked for them."""
    said, _, server = send(tmp_path, PASS, SIGNED, sender=sender)

    assert says == said
    assert {} == server.asked


@pytest.mark.parametrize(
    ("rules", "source", "decides", "asked"),
    [
        ([OFFICE, PARTNERS], LISTED, "office", False),
        ([PARTNERS, OFFICE], LISTED, "office", True),
        ([PARTNERS | {"networks": [LISTED]}], LISTED, "partners", False),
        ([OFFICE], LISTED, "office", False),
    ],
)
def test_rules_in_their_order(
    rules: list[dict[str, Any]], source: str, decides: str, tmp_path: Path, *, asked: bool
) -> None:
    """A rule that knows the client needs no proof; a signature is waited for only if no other rule lets the mail in."""
    said, house, server = send(tmp_path, FAIL, MAIL, source=source, rules=rules)

    assert "250 2.0.0 queued as id1" == said
    assert decides == house.accepted[0][0].rule
    assert asked is bool(server.asked)


def test_spf_puts_a_rule_in_its_place(tmp_path: Path) -> None:
    """Where SPF shows the domain, its rule decides before a later one that knows the address."""
    zone = spf(f"v=spf1 ip4:{LISTED} -all")
    _, house, _ = send(tmp_path, zone, MAIL, source=LISTED, rules=[PARTNERS, OFFICE])

    assert "partners" == house.accepted[0][0].rule


@pytest.mark.parametrize(
    ("to", "rule", "says"),
    [
        ("+493012345678@fax.local", {}, "550 5.7.1 calls to DE are not allowed here, only to US"),
        ("+493012345678@fax.local", {"allow": ["DE"]}, "550 5.7.1 a signed mail is faxed to the numbers in its To"),
        ("+15551234567@evil.example", {}, "550 5.7.1 relaying denied: mail for this domain is not taken here"),
        ("abc@fax.local", {}, "550 5.1.1 not a fax number"),
    ],
)
def test_its_rule_holds_at_rcpt(to: str, rule: dict[str, Any], says: str, tmp_path: Path) -> None:
    """Destinations are decided while it is still open whether a signature comes."""
    said, *_ = send(tmp_path, FAIL, SIGNED, to=to, rules=[PARTNERS | rule])

    assert said.startswith(says)


def test_spf_is_asked_once_for_a_mail(tmp_path: Path) -> None:
    """However many recipients it has; the next mail asks again, and the DNS remembers."""
    with capture_logs() as events:

        def story(house: House) -> None:
            with smtplib.SMTP(LISTED, house.ports["plain"], source_address=(STRANGER, 0)) as client:
                for _ in range(2):
                    client.sendmail(SENDER, [f"1555123456{n}@fax.local" for n in range(5)], MAIL)

        house, server = opened(tmp_path, PASS, story)

    assert [5, 5] == [len(faxes) for _, faxes, _ in house.accepted]
    assert ["pass", "pass"] == [event["result"] for event in events if event["event"] == "spf.asked"]
    assert 1 == server.asked["example.org", "TXT"]


def test_a_balancer_tells_who_it_is(tmp_path: Path) -> None:
    """SPF is asked of the client behind it."""
    zone = spf("v=spf1 ip4:192.0.2.7 -all")
    heard: list[bytes] = []

    def story(house: House) -> None:
        with house.connect("balanced") as line, line.makefile("rb") as replies:
            line.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 25\r\n")
            replies.readline()
            for command in (b"HELO x", b"MAIL FROM:<alice@example.org>", b"RCPT TO:<15551234567@fax.local>", b"DATA"):
                line.sendall(command + b"\r\n")
                replies.readline()
            line.sendall(MAIL + b".\r\n")
            heard.append(replies.readline())

    opened(tmp_path, zone, story)

    assert [b"250 2.0.0 queued as id1\r\n"] == heard


def test_chunks(tmp_path: Path) -> None:
    """A signed mail in chunks is the same mail."""
    heard: list[bytes] = []

    def story(house: House) -> None:
        with house.connect(source=STRANGER) as line, line.makefile("rb") as replies:
            line.sendall(b"HELO x\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<+15551234567@fax.local>\r\n")
            line.sendall(b"BDAT %d\r\n%b" % (100, SIGNED[:100]))
            line.sendall(b"BDAT %d LAST\r\n%b" % (len(SIGNED) - 100, SIGNED[100:]))
            heard.extend(replies.readline() for _ in range(6))

    opened(tmp_path, FAIL, story)

    assert b"250 2.0.0 queued as id1\r\n" == heard[-1]


def test_a_login_is_not_asked_for_its_domain(tmp_path: Path) -> None:
    """Whoever has logged in may use the addresses of that login, and no other domain's."""
    heard: list[tuple[int, bytes]] = []
    staff = {"name": "staff", "users": ["alice"], "from": ["*@example.net"]}

    def story(house: House) -> None:
        with house.connect("implicit", STRANGER) as line:
            client = smtplib.SMTP()
            client.sock, client.file = line, line.makefile("rb")
            client.getreply()
            client.ehlo()
            client.login("alice", "correct horse")
            client.mail(SENDER)
            heard.append(client.rcpt(NUMBER))

    _, server = opened(tmp_path, PASS, story, sender=[staff, PARTNERS])

    assert 550 == heard[0][0]
    assert {} == server.asked


def test_who_is_not_known_yet_has_a_strangers_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail that waits for a signature has shown nothing yet: who drips one has a minute for it, and not ten."""
    monkeypatch.setattr(content, "STRANGERS_PATIENCE", 0.2)
    heard: list[bytes] = []

    def story(house: House) -> None:
        with house.connect(source=STRANGER) as line, line.makefile("rb") as replies:
            line.sendall(b"HELO x\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<+15551234567@fax.local>\r\nDATA\r\n")
            heard.extend(reply[:3] for reply in replies)

    opened(tmp_path, FAIL, story)

    assert [b"220", b"250", b"250", b"250", b"354", b"421"] == heard
