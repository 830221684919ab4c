"""A strict reader of well-formed mail by the letter of RFC 5322 and RFC 2046, which shares no code with `email`."""

import re

FIELD = re.compile(rb"([!-9;-~]+): (.*)\Z", re.DOTALL)
MULTIPART = re.compile(rb'multipart/[a-z-]+;.*boundary="([^"]{1,70})"', re.DOTALL)


def read_by_hand(mail: bytes) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the header fields, unfolded, and the media types of all parts that have no parts, in their order.

    Raises:
        ValueError: it is not well-formed.
    """
    if not mail.isascii() or re.search(rb"\r(?!\n)|(?<!\r)\n", mail) or max(map(len, mail.split(b"\r\n"))) > 998:
        raise ValueError("not seven-bit lines of at most 998 octets that end in CRLF")
    header, empty, body = mail.partition(b"\r\n\r\n")
    if not empty:
        raise ValueError("no empty line ends the header")
    fields = [_field(field) for field in re.split(rb"\r\n(?![ \t])", header)]
    kind = next((value for name, value in fields if name == b"Content-Type"), b"text/plain")
    return [(name.decode(), value.decode()) for name, value in fields], list(_leaves(kind, body))


def _field(raw: bytes) -> tuple[bytes, bytes]:
    match = FIELD.match(raw.replace(b"\r\n", b""))
    if match is None:
        raise ValueError(f"no header field: {raw!r}")
    return match[1], match[2]


def _leaves(kind: bytes, body: bytes) -> list[str]:
    match = MULTIPART.match(kind)
    if match is None:
        return [kind.partition(b";")[0].decode()]
    before, *parts, after = (b"\r\n" + body).split(b"\r\n--" + match[1])
    if before.strip() or not after.startswith(b"--") or not parts:
        raise ValueError(f"a multipart that does not hold together: {kind!r}")
    return [leaf for part in parts for leaf in read_by_hand(part.removeprefix(b"\r\n"))[1]]
