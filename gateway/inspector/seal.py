"""Takes from this process, for good, the system calls that the opening of a document has no use for (seccomp).

A document that takes over the library which opens it gets neither network nor other programs, cannot signal the daemon,
and cannot touch a file that is there: it may read, and create a new file as large as `confine` allows.
"""

import ctypes
import errno
import os
import platform
import struct

_SET_SECCOMP, _FILTER = 22, 2  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER (linux/prctl.h, linux/seccomp.h)
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO
_NUMBER, _ARCHITECTURE, _OPEN_FLAGS = 0, 4, 32  # places in struct seccomp_data; the flags are openat's third argument
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, BPF_ALU|AND|K, ...
_OTHER_NUMBERS = 0x40000000  # of x32, a second door to the same calls

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column below; AUDIT_ARCH_* (linux/audit.h)
_OPENAT = (257, 56)
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "bind": (49, 200),
    "chmod": (90, None),
    "chown": (92, None),
    "connect": (42, 203),
    "creat": (85, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fchmodat": (268, 53),
    "fchownat": (260, 54),
    "fork": (57, None),
    "io_uring_setup": (425, 425),
    "kill": (62, 129),
    "link": (86, None),
    "linkat": (265, 37),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "open": (2, None),
    "openat2": (437, 437),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "rmdir": (84, None),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "tgkill": (234, 131),
    "tkill": (200, 130),
    "truncate": (76, 45),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "vfork": (58, None),
}
"""Numbers on the machines of `_MACHINES`, in their order; None: there is no such call."""


def seal() -> bool:
    """Seal this process; it must not be able to gain privileges any more.

    Returns:
        False if this kernel or machine knows no such seal; then it works on without.
    """
    if platform.machine() not in _MACHINES:
        return False
    column, architecture = _MACHINES[platform.machine()]
    program = _program(column, architecture)
    octets = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(octets))  # struct sock_fprog
    return bool(ctypes.CDLL(None).prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(header), 0, 0) == 0)


def _program(column: int, architecture: int) -> bytes:
    """The filter, as classic BPF: refuse what is listed, and openat unless it only reads or makes a new file."""
    numbers = [numbers[column] for numbers in _REFUSED.values() if numbers[column] is not None]
    check_open = [
        (_LOAD, 0, 0, _OPEN_FLAGS),
        (_AND, 0, 0, os.O_ACCMODE | os.O_TRUNC),
        (_EQUAL, 3, 0, 0),
        (_LOAD, 0, 0, _OPEN_FLAGS),
        (_AND, 0, 0, os.O_EXCL),
        (_EQUAL, 0, 1, os.O_EXCL),
    ]
    end = [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    calls = [(_EQUAL, len(numbers) - place + len(check_open) + 1, 0, number) for place, number in enumerate(numbers)]
    begin = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, len(calls) + len(check_open) + 4, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, len(calls) + len(check_open) + 2, 0, _OTHER_NUMBERS),
    ]
    is_open = [(_EQUAL, 0, len(check_open), _OPENAT[column])]
    program = begin + calls + is_open + check_open + end
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)
