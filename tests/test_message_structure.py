"""Where the parts of a mail lie."""

import pytest

from gateway.message.structure import Entity, Scan
from tests.packing import in_memory


def outline(entity: Entity, mail: bytes) -> object:
    """The parts inside with their types, or the body, its lines ending as in the table."""
    inside = [(child.type, outline(child, mail)) for child in entity.children]
    return inside or mail[entity.start : entity.end].decode().replace("\r\n", "\n")


MIXED = "Content-Type: multipart/mixed; boundary=b\n\n"


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ("A: b\n\nbody", "body"),
        (f"{MIXED}--b\n\none\n--b\nA: b\n\ntwo\n--b--\n", [("text/plain", "one"), ("text/plain", "two")]),
        (f"{MIXED}before\n--b \t\n\none\n\n--b--\nbehind", [("text/plain", "one\n")]),
        (f"{MIXED}--b\n\none\n--bb\n--b-\n--b x\n --b\n--b--", [("text/plain", "one\n--bb\n--b-\n--b x\n --b")]),
        (f"{MIXED}--b\n\nnever closed", [("text/plain", "never closed")]),
        (f"{MIXED}--b\n\none\n--b--\n\n--b\n\ntwo\n--b--", [("text/plain", "one"), ("text/plain", "two")]),
        (f"{MIXED}--b\n--b\n\n\n--b--", [("text/plain", ""), ("text/plain", "")]),
        (f"{MIXED}--b", [("text/plain", "")]),
        (f"{MIXED}nothing", "nothing"),
        ("Content-Type: multipart/mixed\n\n--b\n\none", "--b\n\none"),
        ("Content-Type: text/plain; boundary=b\n\n--b\n\none", "--b\n\none"),
        (
            "Content-Type: message/rfc822\n\nContent-Type: a/b\n\nbody",
            [("a/b", "body")],
        ),
        (
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ==",
            "QQ==",
        ),
        (
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\nbody\n--b--",
            [("message/rfc822", [("text/plain", "body")])],
        ),
        (
            f"{MIXED}--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--",
            [("multipart/alternative", [("text/plain", "one")]), ("text/plain", "two")],
        ),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_outline(mail: str, expected: object, line_end: str) -> None:
    """Parts are told apart by whole boundary lines; the line break before one is not part of the body."""
    octets = mail.replace("\n", line_end).encode()

    assert expected == outline(Scan(in_memory(octets)).entity(0, len(octets)), octets)
