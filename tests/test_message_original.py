"""The mail as it was sent, out of a spool file that has more in it."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from gateway.message import read_original
from gateway.smtp import trace
from gateway.smtp.address import NOBODY
from gateway.smtp.envelope import Client, Envelope
from gateway.spool import Spool

SENT = b"Subject: x\r\n id 1;\r\n\r\n\tid in the text\r\n"


def test_original(tmp_path: Path) -> None:
    """What lies behind the mail is no part of it; our own header in front is."""
    header = trace.header(
        Envelope(client=Client(ip=ip_address("127.0.0.1")), sender=NOBODY), "fax.example.org", "id1", 0.0
    )
    draft = Spool(tmp_path).draft("id1")
    draft.preface(header)
    draft.write(SENT)
    draft.append([b"%PDF-1.4"])
    draft.close()

    assert header + SENT == read_original(draft.path, draft.size)
    assert header[:20] == read_original(draft.path, draft.size, 20)


@pytest.mark.parametrize(("content", "size"), [(b"", 0), (b"Subject: x\r\n", 12), (b"\r\n\tid ", 3)])
def test_without_trace(tmp_path: Path, content: bytes, size: int) -> None:
    """Without our header it is the octets from the beginning."""
    path = tmp_path / "mail.eml"
    path.write_bytes(content)

    assert content[:size] == read_original(path, size)
