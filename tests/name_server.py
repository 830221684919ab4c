"""A name server for tests: real queries over UDP and TCP on loopback, answered from a table."""

import contextlib
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

UDP_OCTETS = 1232
LARGEST = 65535
SILENT = "SILENT"
"""A record that is never answered."""
BROKEN = "BROKEN"
"""A record for which the server says that it failed."""

Zone = Mapping[tuple[str, str], Sequence[str]]
"""Records as they are written, by name and type. A name without any does not exist."""


def text(record: str | bytes) -> str:
    """Write a TXT record: its pieces of 255 octets, in quotes."""
    octets = record.encode() if isinstance(record, str) else record
    pieces = [octets[place : place + 255] for place in range(0, len(octets), 255)] or [b""]
    return " ".join('"' + "".join(f"\\{octet:03}" for octet in piece) + '"' for piece in pieces)


@dataclass
class NameServer:
    """A running one."""

    zone: dict[tuple[str, str], Sequence[str]]
    port: int = 0
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)  #: how often which question came

    @property
    def address(self) -> str:
        """As the configuration has it."""
        return f"127.0.0.1:{self.port}"

    def answer(self, query: bytes, *, most: int) -> bytes | None:
        """Answer in at most so many octets; None: not at all."""
        asked = dns.message.from_wire(query)
        question = asked.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked[name, kind] += 1
        records = self.zone.get((name, kind), ())
        response = dns.message.make_response(asked)
        response.flags |= dns.flags.RA
        if SILENT in records:
            return None
        if BROKEN in records:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
        elif name not in {known for known, _ in self.zone}:
            response.set_rcode(dns.rcode.NXDOMAIN)
        wire = response.to_wire(max_size=LARGEST)
        if len(wire) <= most:
            return wire
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()


@contextlib.contextmanager
def name_server(zone: Zone | None = None) -> Iterator[NameServer]:
    """Run one for as long as the block lasts. Its zone may be changed meanwhile."""
    server = NameServer(dict(zone or {}))

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            query, line = self.request
            if (answer := server.answer(query, most=UDP_OCTETS)) is not None:
                line.sendto(answer, self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.rfile.read(2), "big")
            if (answer := server.answer(self.rfile.read(length), most=LARGEST)) is not None:
                self.wfile.write(len(answer).to_bytes(2, "big") + answer)

    with socketserver.TCPServer(("127.0.0.1", 0), Tcp) as tcp:
        server.port = tcp.server_address[1]
        with socketserver.UDPServer(("127.0.0.1", server.port), Udp) as udp:
            doors: list[socketserver.BaseServer] = [tcp, udp]
            threads = [threading.Thread(target=door.serve_forever, args=[0.02]) for door in doors]
            for thread in threads:
                thread.start()
            try:
                yield server
            finally:
                for door in doors:
                    door.shutdown()
                for thread in threads:
                    thread.join()
