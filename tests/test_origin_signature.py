"""DKIM: which signatures prove that a mail is a domain's, and all that prove nothing."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config import DnsSettings
from gateway.origin.letter import open_letter
from gateway.origin.names import Names, resolver
from gateway.origin.signature import LONGEST_SIGNATURE, MOST_SIGNATURES, Signed, check
from tests.name_server import BROKEN, SILENT, Zone, name_server, text
from tests.signing import Key, ed25519_key, published, rsa_key, signature, weak_key
from tests.values import NOW

MAIL = b"From: Alice <alice@example.org>\r\nTo: b@example.net\r\nSubject: Invoice\r\n\r\nHello  there \r\n\r\n\r\n"
OTHER = MAIL.replace(b"alice@example.org", b"alice@mail.example.org")
LONG_AGO, LATER = str(int(NOW) - 60), str(int(NOW) + 60)


def judge(mail: bytes, zone: Zone, path: Path, domains: tuple[str, ...] = ("example.org",)) -> Signed:
    """Look at the signatures of a mail."""
    path.write_bytes(mail)
    with name_server(zone) as server:
        names = Names(resolver(DnsSettings(nameservers=(server.address,))), 0.5)
        return check(open_letter(path, 0, len(mail)), domains, names, NOW)


@pytest.mark.parametrize("key", [rsa_key(), rsa_key(1024), ed25519_key()], ids=["rsa", "rsa-1024", "ed25519"])
@pytest.mark.parametrize("way", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "relaxed"])
def test_a_signature_holds(key: Key, way: str, tmp_path: Path) -> None:
    """With both kinds of keys, in every way to write a mail."""
    signed = judge(signature(MAIL, key, c=way) + MAIL, published(key), tmp_path / "mail")

    assert Signed("pass", "the DKIM signature of example.org (selector s)") == signed


@pytest.mark.parametrize(
    "tags",
    [
        {"x": LATER},
        {"t": "1700000000"},
        {"i": "@mail.example.org"},
        {"q": "dns/txt"},
        {"l": "13"},
        {"d": "Example.ORG"},
        {"header": "From:Subject:From:To:Cc"},
    ],
    ids=str,
)
def test_what_it_may_say_besides(tags: dict[str, str], tmp_path: Path) -> None:
    """An end to come, a time, somebody of the domain, all of the body; and fields that must not be added."""

    assert "pass" == judge(signature(MAIL, rsa_key(), **tags) + MAIL, published(rsa_key()), tmp_path / "mail").result


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"a": "rsa-sha1"}, "only rsa-sha256 and ed25519-sha256 do"),
        ({"l": "5"}, "it covers only a part of the mail"),
        ({"l": "0"}, "it covers only a part of the mail"),
        ({"x": LONG_AGO}, "it has expired"),
        ({"header": "to:subject"}, "it does not cover From"),
        ({"header": "from:subject"}, "it does not cover To"),
        ({"header": "from:to"}, "it does not cover Subject"),
        ({"i": "@evil.example"}, "does not hold"),
        ({"v": "2"}, "does not hold"),
        ({"q": "http"}, "does not hold"),
        ({"c": "loose"}, "does not hold"),
        ({"t": "9999999999"}, "does not hold"),
        ({"x": "soon"}, "cannot be read"),
        ({"bh": "!"}, "does not hold"),
        ({"bh": "AAAA"}, "the body was changed"),
    ],
    ids=str,
)
def test_what_proves_nothing(tags: dict[str, str], words: str, tmp_path: Path) -> None:
    """What anybody could have made, what is over, what leaves out who wrote it, and what is no signature."""
    usual = {} if tags.get("c") != "loose" else {"c": "relaxed"}
    made = signature(MAIL, rsa_key(), **tags | usual)
    mail = (made.replace(b"c=relaxed", b"c=loose") if usual else made) + MAIL
    signed = judge(mail, published(rsa_key()), tmp_path / "mail")

    assert "fail" == signed.result
    assert words in signed.words


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (b"Hello", b"Hallo", "the body was changed"),
        (b"\r\n\r\nHello", b"\r\n\r\nBuy!\r\nHello", "the body was changed"),
        (b"Invoice", b"Invoices", "the header was changed"),
        (b"Alice", b"Alicia", "the header was changed"),
        (b"Subject:", b"Subject: a second\r\nSubject:", "the mail has more than one Subject"),
        (b"Subject:", b"To: x@evil.example\r\nSubject:", "the mail has more than one To"),
        (b"Subject:", b"Cc: x@evil.example\r\nSubject:", "it does not cover Cc"),
        (b"b@example.net", b"x@evil.example", "the header was changed"),
    ],
)
def test_what_was_changed_on_the_way(was: bytes, now: bytes, words: str, tmp_path: Path) -> None:
    """One letter is enough."""
    mail = signature(MAIL, rsa_key(), header="from:to:subject:subject") + MAIL
    signed = judge(mail.replace(was, now, 1), published(rsa_key()), tmp_path / "mail")

    assert "fail" == signed.result
    assert words in signed.words


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (weak_key().record, "does not hold"),
        (rsa_key(1024).record, "made with another key"),
        (ed25519_key().record, "cannot be read"),
        ("v=DKIM1; p=", "its key was withdrawn"),
        ("v=DKIM1", "its key was withdrawn"),
        (f"{rsa_key().record}; t=y", "its key is for tests only"),
        (f"{rsa_key().record}; t=s:y", "its key is for tests only"),
        (f"{rsa_key().record}; h=sha1", "its key is for something else"),
        (f"{rsa_key().record}; s=tlsrpt", "its key is for something else"),
        (f"v=DKIM2; p={rsa_key().public}", "made with another key"),
        (f"{rsa_key().record}; n={'x' * 2048}", "there is no key for it"),
        ("v=DKIM1; p=AAAA", "made with another key"),
    ],
    ids=range(12),
)
def test_keys_that_do_not_fit(record: str, words: str, tmp_path: Path) -> None:
    """Weak, of another, withdrawn, for tests, for something else, or no key at all."""
    key = weak_key() if record == weak_key().record else rsa_key()
    signed = judge(signature(MAIL, key) + MAIL, published(key, record=record), tmp_path / "mail")

    assert "fail" == signed.result
    assert words in signed.words


def test_two_keys_at_one_place_are_none(tmp_path: Path) -> None:
    """RFC 6376 section 3.6.2.2 leaves open what that means."""
    zone = {("s._domainkey.example.org", "TXT"): [text(rsa_key().record), text(ed25519_key().record)]}

    assert "there is no key for it" in judge(signature(MAIL, rsa_key()) + MAIL, zone, tmp_path / "mail").words


@pytest.mark.parametrize("record", [SILENT, BROKEN])
def test_nobody_tells_the_key(record: str, tmp_path: Path) -> None:
    """That is no proof against the mail: its server should try again."""
    zone = {("s._domainkey.example.org", "TXT"): [record]}

    assert "temperror" == judge(signature(MAIL, rsa_key()) + MAIL, zone, tmp_path / "mail").result


@pytest.mark.parametrize(
    ("mail", "signer", "domains", "expected"),
    [
        (MAIL, "example.org", ("example.org",), "pass"),
        (MAIL.replace(b"example.org", b"EXAMPLE.org"), "example.org", ("example.org",), "pass"),
        (OTHER, "example.org", ("example.org", "mail.example.org"), "pass"),
        (OTHER, "mail.example.org", ("mail.example.org",), "pass"),
        (OTHER, "example.org", ("mail.example.org",), "none"),
        (OTHER, "org", ("mail.example.org",), "none"),
        (MAIL, "mail.example.org", ("example.org",), "none"),
        (MAIL, "mail.example.org", ("example.org", "mail.example.org"), "none"),
        (MAIL, "evil.example", ("example.org",), "none"),
        (MAIL, "evil.example", ("example.org", "evil.example"), "none"),
        (MAIL.replace(b"@example", b"@badexample"), "example.org", ("example.org",), "none"),
        (MAIL.replace(b"Subject", b"From: x@evil.example\r\nSubject"), "example.org", ("example.org",), "none"),
        (MAIL.replace(b"From", b"X-From"), "example.org", ("example.org",), "none"),
    ],
)
def test_whose_signature_counts(
    mail: bytes, signer: str, domains: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    """Of a domain that is listed, for a From of it or beneath it; never for its parent, a neighbour, or two authors."""
    made = signature(mail, rsa_key(), signer) if b"From" in mail else signature(MAIL, rsa_key(), signer)

    assert expected == judge(made + mail, published(rsa_key(), signer), tmp_path / "mail", domains).result


def test_one_of_several_is_enough(tmp_path: Path) -> None:
    """A broken one before a good one, and others' between them."""
    good, broken = signature(MAIL, rsa_key()), signature(MAIL, rsa_key(), bh="AAAA")
    others = signature(MAIL, rsa_key(), "evil.example") * 10

    assert "pass" == judge(broken + others + good + MAIL, published(rsa_key()), tmp_path / "mail").result


def test_not_all_of_very_many(tmp_path: Path) -> None:
    """Each that could count costs time, so only the first few are tried."""
    good, broken = signature(MAIL, rsa_key()), signature(MAIL, rsa_key(), bh="AAAA")
    mail = broken * MOST_SIGNATURES + good + MAIL

    assert "the body was changed" in judge(mail, published(rsa_key()), tmp_path / "mail").words


@pytest.mark.parametrize("header", [b"nonsense\r\n", b"", b"X-Odd : 1\r\n"])
def test_headers_that_can_be_read_in_two_ways(header: bytes, tmp_path: Path) -> None:
    """Where header and body part must be plain."""
    mail = signature(MAIL, rsa_key()) + MAIL
    odd = mail.replace(b"\r\n\r\nHello", b"\r\n" + header + b"Hello")

    assert "fail" == judge(odd, published(rsa_key()), tmp_path / "mail").result


def test_a_very_long_field_is_no_signature(tmp_path: Path) -> None:
    """Blanks in it would take the library quadratic time."""
    made = signature(MAIL, rsa_key()).replace(b"; d=", b";" + b" " * LONGEST_SIGNATURE + b"d=")

    assert "none" == judge(made + MAIL, published(rsa_key()), tmp_path / "mail").result


@settings(deadline=None)
@given(tags=st.dictionaries(st.sampled_from("vabcdhilqstxz"), st.text("0123456789:/@ =azAZ.\t", max_size=30)))
def test_any_signature_is_no_proof(tags: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a stranger writes there, it proves nothing and breaks nothing."""
    usual = {"v": "1", "a": "rsa-sha256", "d": "example.org", "s": "s", "h": "from", "bh": "AAAA", "b": "AAAA"}
    field = "; ".join(f"{tag}={value}" for tag, value in (usual | tags).items())
    mail = f"DKIM-Signature: {field}\r\n".encode() + MAIL

    assert judge(mail, published(rsa_key()), tmp_path_factory.getbasetemp() / "mail").result in {"fail", "none"}


@settings(deadline=None)
@given(record=st.one_of(st.binary(max_size=300), st.text("vkpthns=DKIM1;:y ABC", max_size=60).map(str.encode)))
def test_any_key_is_no_proof(record: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is published there."""
    zone = {("s._domainkey.example.org", "TXT"): [text(record)]}
    mail = signature(MAIL, rsa_key()) + MAIL

    assert "fail" == judge(mail, zone, tmp_path_factory.getbasetemp() / "mail").result
