"""What the kernel takes from a process that opens documents."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

TRY = """
import ctypes, os, socket, subprocess, sys
from gateway.inspector.seal import seal
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
assert seal()
there, new = sys.argv[1:3]
try:
    {attempt}
except PermissionError:
    print("refused")
else:
    print("done")
"""
REFUSED = {
    "network": "socket.socket()",
    "pair of sockets": "socket.socketpair()",
    "program": "os.execv('/bin/true', ['true'])",
    "child": "subprocess.run(['/bin/true'])",
    "signal": "os.kill(os.getppid(), 0)",
    "write over": "open(there, 'wb')",
    "append": "open(there, 'ab')",
    "change": "open(there, 'r+b')",
    "empty": "os.open(there, os.O_RDONLY | os.O_TRUNC)",
    "shorten": "os.truncate(there, 0)",
    "remove": "os.unlink(there)",
    "rename": "os.rename(there, new)",
    "link": "os.symlink(there, new)",
    "directory": "os.mkdir(new)",
    "rights": "os.chmod(there, 0)",
}
ALLOWED = {
    "read": "assert open(there, 'rb').read() == b'kept'",
    "new file": "open(new, 'xb').write(b'made')",
    "thread": "import threading; threading.Thread(target=print).start()",
    "memory": "bytearray(50_000_000)",
}


def tried(directory: Path, attempt: str) -> str:
    """What comes of an attempt in a sealed process."""
    (directory / "there").write_bytes(b"kept")
    script = TRY.format(attempt=attempt)
    command = [sys.executable, "-c", script, str(directory / "there"), str(directory / "new")]
    root = str(Path(__file__).parents[1])
    return subprocess.run(command, check=True, capture_output=True, text=True, env={"PYTHONPATH": root}).stdout.split()[
        -1
    ]


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path: Path, name: str) -> None:
    """What opening a document has no use for is refused, and what lies there stays."""
    outcome = tried(tmp_path, REFUSED[name])

    assert "refused" == outcome
    assert b"kept" == (tmp_path / "there").read_bytes()
    assert ["there"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(tmp_path: Path, name: str) -> None:
    """What it needs is left to it."""
    assert "done" == tried(tmp_path, ALLOWED[name])
