"""What systemd and a service tell each other (sd_notify(3)): ready, stopping."""

import os
import socket

import structlog

log = structlog.get_logger()


def say(state: str) -> None:
    """Tell systemd our state, such as "READY=1"; without systemd nobody listens, which is fine.

    When it cannot be told, the gateway works on all the same; systemd then draws its own conclusions.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect("\0" + address[1:] if address.startswith("@") else address)
            channel.send(state.encode())
    except OSError as error:
        log.warning("systemd.not_told", state=state, reason=error.strerror or str(error))
