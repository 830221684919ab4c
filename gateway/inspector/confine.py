"""What a child process may not do. Foreign documents are opened in it, and the libraries that open them have faults."""

import ctypes
import resource
import signal

from gateway.inspector.seal import seal

LARGEST = 150_000_000
"""Octets of a file that it may write: as much as FAX.PLUS takes."""

_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS, linux/prctl.h
_FILES = 32


def confine(memory: int) -> bool:
    """Confine this process for the rest of its life.

    It ends with its parent's pipe and not by the signals that a terminal or systemd sends to everybody: a document
    under inspection at a stop must not be refused for that. A file that grows too large is an error, not its end.

    Args:
        memory: address space, in octets.

    Returns:
        Whether the kernel also took away the system calls that it has no use for.
    """
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXFSZ):
        signal.signal(sign, signal.SIG_IGN)
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: LARGEST,
        resource.RLIMIT_NOFILE: _FILES,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return seal()


def allow_cpu(seconds: float) -> None:
    """Allow so much processor time from now on; then the kernel ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
