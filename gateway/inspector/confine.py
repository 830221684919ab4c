"""What a child process may not do. Foreign documents are opened in it, and the libraries that open them have faults."""

import ctypes
import resource
import signal

_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS, linux/prctl.h
_FILES = 32


def confine(memory: int) -> None:
    """Confine this process for the rest of its life.

    It ends with its parent's pipe and not by the signals that a terminal or systemd sends to everybody: a document
    under inspection at a stop must not be refused for that.

    Args:
        memory: address space, in octets.
    """
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _FILES,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def allow_cpu(seconds: float) -> None:
    """Allow so much processor time from now on; then the kernel ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
