"""A Postfix of our own in front of the gateway, as many a site has one: it takes mail, queues it, and relays it."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.outlasting import free_port

PROGRAM = shutil.which("postfix", path="/usr/sbin:/usr/bin")
MAIN = """\
compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log
maillog_file_prefixes = {place}
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{port}
smtp_dns_support_level = disabled
smtp_host_lookup = native
alias_maps =
alias_database =
minimal_backoff_time = 1s
queue_run_delay = 1s
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@asynccontextmanager
async def postfix(gateway: int) -> AsyncIterator[int]:
    """Run it in front of the gateway at this port; the port at which it takes mail."""
    port = free_port()
    place = await asyncio.to_thread(_laid_out, gateway, port)
    config = place / "config"
    await asyncio.to_thread(_run, config, "start")
    try:
        yield port
    finally:
        await asyncio.to_thread(_run, config, "stop")
        shutil.rmtree(place, ignore_errors=True)


def _laid_out(gateway: int, port: int) -> Path:
    place = Path(tempfile.mkdtemp(prefix="faxgw-postfix"))
    place.chmod(0o711)  # its processes run as another user, and must find their way
    for directory in ("config", "queue", "data"):
        (place / directory).mkdir()
    shutil.chown(place / "data", "postfix")
    (place / "config" / "main.cf").write_text(MAIN.format(place=place, port=gateway))
    (place / "config" / "master.cf").write_text(MASTER.format(port=port))
    return place


def _run(config: Path, what: str) -> None:
    assert PROGRAM is not None
    environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    done = subprocess.run([PROGRAM, "-c", str(config), what], env=environment, capture_output=True, check=False)
    assert 0 == done.returncode, done.stderr.decode()
