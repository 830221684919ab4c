r"""Plays SMTP dialogues that stand in text files.

@ stranger starttls     who connects (listed when left out, or an address), and where to (plain when left out)
C: EHLO client          what the client says, with CRLF; several of them go in one packet
R: 'QUIT\n'             the same as a Python literal, without CRLF
T: 1.0                  the client protects the connection, in a way of old devices if one is named (smtp_house.OLD_TLS)
S: 250 2\.0\\.0 OK        what a line of the reply looks like
A: 250                  a reply with this code, of any number of lines
E:                      the server hangs up
"""

import ast
import re
from pathlib import Path

from tests.smtp_house import LISTED, STRANGER, House


def play(house: House, script: Path) -> list[str]:
    """Play a dialogue; return all lines that the server said.

    Raises:
        AssertionError: the server said something else.
    """
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    options = lines.pop(0)[1:].split() if lines[0].startswith("@") else []
    listener = next((name for name in options if name in house.ports), "plain")
    address = next((option for option in options if option[0].isdigit()), LISTED)
    player = _Player(house, listener, STRANGER if "stranger" in options else address)
    try:
        for line in lines:
            player.do(line[:2], line[2:].removeprefix(" "))
    finally:
        player.close()
    return player.heard


class _Player:
    def __init__(self, house: House, listener: str, source: str) -> None:
        self.heard: list[str] = []
        self._house = house
        self._socket = house.connect(listener, source)
        self._replies = self._socket.makefile("rb")
        self._unsent = b""

    def do(self, what: str, text: str) -> None:
        if what == "C:":
            self._unsent += text.encode() + b"\r\n"
        elif what == "R:":
            self._unsent += ast.literal_eval(f"b{text}")
        else:
            self._send()
            {"S:": self._expect, "A:": self._expect_all, "E:": self._expect_end, "T:": self._protect}[what](text)

    def close(self) -> None:
        self._replies.close()
        self._socket.close()

    def _send(self) -> None:
        if self._unsent:
            self._socket.sendall(self._unsent)
            self._unsent = b""

    def _expect(self, pattern: str) -> None:
        said = self._replies.readline().decode("ascii").removesuffix("\r\n")
        self.heard.append(said)

        assert re.fullmatch(pattern, said), f"expected {pattern!r}, heard {said!r}"

    def _expect_all(self, code: str) -> None:
        while True:
            self._expect(rf"{code}[- ].*")
            if self.heard[-1][3] == " ":
                return

    def _expect_end(self, _: str) -> None:

        assert b"" == self._replies.readline()

    def _protect(self, old: str) -> None:
        self._replies.close()
        self._socket = self._house.tls(self._socket, old)
        self._replies = self._socket.makefile("rb")
