"""Paths of MAIL and RCPT: what stock parsers crash on is refused, what devices send is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.address import NOBODY, Address, literal, parse
from gateway.smtp.reply import RefusedError

LONG = "x" * 64
LONG_DOMAIN = "b" * 255
WRAPPED = "x" * 191


@pytest.mark.parametrize(
    ("argument", "expected", "rest"),
    [
        (b"<a@b>", Address("a", "b", "a@b"), b""),
        (b" <a@b>", Address("a", "b", "a@b"), b""),
        (b"<a@b> SIZE=1 BODY=7BIT", Address("a", "b", "a@b"), b" SIZE=1 BODY=7BIT"),
        (b"a@b", Address("a", "b", "a@b"), b""),
        (b"a@b SIZE=1", Address("a", "b", "a@b"), b" SIZE=1"),
        (b"<>", NOBODY, b""),
        (b"<> AUTH=<>", NOBODY, b" AUTH=<>"),
        (b"<Postmaster>", Address("Postmaster", "", "Postmaster"), b""),
        (b"<scanner>", Address("scanner", "", "scanner"), b""),
        (b"<FAX=+1-202@fax.local>", Address("FAX=+1-202", "fax.local", "FAX=+1-202@fax.local"), b""),
        (b"</FAX=+1202/@fax.local>", Address("/FAX=+1202/", "fax.local", "/FAX=+1202/@fax.local"), b""),
        (b'<"(202) 555"@fax.local>', Address("(202) 555", "fax.local", '"(202) 555"@fax.local'), b""),
        (b'<"FAX=\\+1202"@fax.local>', Address("FAX=+1202", "fax.local", '"FAX=\\+1202"@fax.local'), b""),
        (b'<"a>b@c"@d>', Address("a>b@c", "d", '"a>b@c"@d'), b""),
        (b'<""@d>', Address("", "d", '""@d'), b""),
        (b"<@relay.x,@y:FAX=+1202@fax.local>", Address("FAX=+1202", "fax.local", "FAX=+1202@fax.local"), b""),
        (b"<a@[127.0.0.1]>", Address("a", "[127.0.0.1]", "a@[127.0.0.1]"), b""),
        (b"<a@[IPv6:::1]>", Address("a", "[IPv6:::1]", "a@[IPv6:::1]"), b""),
        (b"<+1 (202) 555-0123@b>", Address("+1 (202) 555-0123", "b", "+1 (202) 555-0123@b"), b""),
        (b"<(202) 555.0123@b> NOTIFY=NEVER", Address("(202) 555.0123", "b", "(202) 555.0123@b"), b" NOTIFY=NEVER"),
        (f"<{LONG}@b>".encode(), Address(LONG, "b", f"{LONG}@b"), b""),
        (f'<"{LONG[2:]}"@b>'.encode(), Address(LONG[2:], "b", f'"{LONG[2:]}"@b'), b""),
        (f"<a@{LONG_DOMAIN[:252]}>".encode(), Address("a", LONG_DOMAIN[:252], f"a@{LONG_DOMAIN[:252]}"), b""),
        (f"a@{LONG_DOMAIN[:252]}".encode(), Address("a", LONG_DOMAIN[:252], f"a@{LONG_DOMAIN[:252]}"), b""),
        (f"<IMCEAFAX-{WRAPPED}@b>".encode(), Address(f"IMCEAFAX-{WRAPPED}", "b", f"IMCEAFAX-{WRAPPED}@b"), b""),
    ],
)
def test_is_read(argument: bytes, expected: Address, rest: bytes) -> None:
    """Quotes and source routes are removed, and the parameters are handed on."""

    assert (expected, rest) == parse(argument, "5.1.3")


@pytest.mark.parametrize(
    "argument",
    [
        b"",
        b" ",
        b"<",
        b'<"',
        b'<">',
        b"<a@[",
        b"<a@b",
        b"<a@>",
        b"<@b>",
        b"<a@b>x",
        b"<a@b>SIZE=1",
        b"<a b@c>",
        b'<a"b@c>',
        b"<a\0b@c>",
        b'<"a\0b"@c>',
        b"<a@b\r>",
        b"<a@b\r\n>",
        b"<a@b..c>",
        b"<a@-b>",
        b"<a@b@c>",
        b"<(comment)a@b>",
        b"<a@b (comment)>",
        b"<<a@b>>",
        b"<1,2@b>",
        b"<1;ext=2@b>",
        b"<555 0123>",
        b"<a 555 0123@b>",
        b"<555\t0123@b>",
        b"<@y,z:555@b>",
        b"<@y,@z,:555@b>",
        b"<@:555@b>",
        b"<" + b"x" * 65 + b"@b>",
        b'<"' + b"x" * 63 + b'"@b>',
        b"<" + b"1 " * 33 + b"@b>",
        b"<IMCEAFAX-" + b"x" * 192 + b"@b>",
        b"<a@" + b"b" * 256 + b">",
        b"<a@" + b"b" * 253 + b">",
        b"a@" + b"b" * 253,
        b"<@" + b"r" * 200 + b":a@" + b"b" * 52 + b">",
        b"<" + b"x" * 60 + b"@" + b"b" * 200 + b">",
    ],
)
def test_is_refused(argument: bytes) -> None:
    """What is not a path gets 501 with the status code of its command."""
    with pytest.raises(RefusedError) as caught:
        parse(argument, "5.1.7")

    assert (501, "5.1.7") == (caught.value.reply.code, caught.value.reply.enhanced)


def test_path_with_its_route() -> None:
    """A path of 256 octets is read, whatever of it is route; one more is not (RFC 5321 section 4.5.3.1.3)."""
    most = b"<@" + b"r" * 200 + b":a@" + b"b" * 50 + b">"

    assert 256 == len(most)
    assert "b" * 50 == parse(most, "5.1.3")[0].domain


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("[192.0.2.1]", "192.0.2.1"),
        ("[IPv6:2001:db8:0::1]", "2001:db8::1"),
        ("[ipv6:::1]", "::1"),
        ("[192.0.2.300]", None),
        ("[fax.local]", None),
        ("[]", None),
        ("192.0.2.1", None),
        ("fax.local", None),
    ],
)
def test_literal(domain: str, expected: str | None) -> None:
    """A domain literal is an address; names are not, and nothing is looked up."""
    found = literal(domain)

    assert expected == (None if found is None else str(found))


@pytest.mark.parametrize("argument", ["<\u00fc@fax.local>", "<a@ex\u00e4mple.org>", "\u0661"])
def test_other_scripts(argument: str) -> None:
    """Addresses in other scripts are refused as such (RFC 6531 section 3.5)."""
    with pytest.raises(RefusedError, match=r"553 5\.6\.7"):
        parse(argument.encode(), "5.1.7")


@given(st.one_of(st.binary(max_size=300), st.text(alphabet='<>@"\\.:,[]() a1\t\0', max_size=60).map(str.encode)))
@settings(max_examples=500)
def test_anything(argument: bytes) -> None:
    """Whatever is sent, an address within the limits or the documented refusal comes out."""
    try:
        address, rest = parse(argument, "5.1.3")
    except RefusedError as error:
        outcome = f"{error.reply.code} {error.reply.enhanced}"
    else:
        outcome = "read"
        assert address.written.isprintable()
        assert len(address.written) <= 254
        assert (address, b"") == parse(f"<{address.written}>".encode(), "5.1.3")
        assert argument.strip(b" ").endswith(rest.strip(b" "))

    assert outcome in {"read", "501 5.1.3", "553 5.6.7"}
