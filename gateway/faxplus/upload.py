"""The body of an upload: a form with one document in it, streamed, its length known before it leaves."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator

from gateway.faxplus.answers import FaxPlusError, Verdict
from gateway.submission import Kind

MIME = {Kind.PDF: "application/pdf", Kind.TIFF: "image/tiff"}


class Form:
    """`multipart/form-data` (RFC 7578) with the part `fax_file` (E-file: upload a file)."""

    def __init__(self, kind: Kind, size: int, chunks: Callable[[], Iterator[bytes]]) -> None:
        """Make a form around a document.

        Args:
            kind: what it is. Its name at FAX.PLUS is made from this; what the sender called it stays here.
            size: octets.
            chunks: gives its bytes, from the start, each time it is called. Runs in a thread.
        """
        self._size = size
        self._chunks = chunks
        boundary = secrets.token_hex(16)
        self._head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="fax_file"; filename="document.{kind}"\r\n'
            f"Content-Type: {MIME[kind]}\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + size + len(self._tail)),
        }

    async def content(self) -> AsyncIterator[bytes]:
        """Stream the form, a chunk in memory at a time.

        Raises:
            FaxPlusError: the document is longer or shorter than it was, so it is not the one that was accepted.
            OSError: as `chunks` raises it.
        """
        yield self._head
        left, document = self._size, self._chunks()
        while (chunk := await asyncio.to_thread(next, document, None)) is not None:
            left -= len(chunk)
            if left < 0:
                break
            yield chunk
        if left != 0:
            raise FaxPlusError(Verdict.PERMANENT, "the document differs from what was accepted")
        yield self._tail
