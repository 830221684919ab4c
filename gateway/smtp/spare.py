"""When this process may open no more files, clients still hear so: one descriptor is held in reserve for that."""

import os
import socket

from gateway.smtp.reply import Reply

NO_DESCRIPTOR = Reply(421, "4.3.2", "the gateway has too many files open, please try again later")


class Spare:
    """A descriptor that can be given up for a moment."""

    def __init__(self) -> None:
        self._held: int | None = None
        self._hold()

    def turn_away(self, listening: int) -> bool:
        """Send one client away who waits at a listening socket. Returns False when there is none, or no descriptor.

        Args:
            listening: the descriptor of the socket, which does not block.
        """
        self.give_up()
        try:
            with _accepted(listening) as client:
                client.send(NO_DESCRIPTOR.encoded())
        except OSError:
            return False
        finally:
            self._hold()
        return True

    def give_up(self) -> None:
        """Hold nothing any more."""
        if self._held is not None:
            os.close(self._held)
        self._held = None

    def _hold(self) -> None:
        try:
            self._held = os.open(os.devnull, os.O_RDONLY)
        except OSError:  # somebody was faster; it is tried again when the next client comes
            self._held = None


def _accepted(listening: int) -> socket.socket:
    server = socket.socket(fileno=listening)
    try:
        return server.accept()[0]
    finally:
        server.detach()
