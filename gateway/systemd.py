"""What systemd and a service tell each other (sd_notify(3)): ready, stopping."""

import os
import socket


def say(state: str) -> None:
    """Tell systemd our state, such as "READY=1"; without systemd nobody listens, which is fine."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.send(state.encode())
