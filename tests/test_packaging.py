"""What operators install: the wheel, the systemd units and the image, held against the program as it is."""

import configparser
import http.server
import json
import re
import subprocess
import sys
import threading
import tomllib
import zipfile
from pathlib import Path

import pytest

from gateway import __version__, daemon
from gateway.config import Config
from gateway.config.settings import WebhookSettings
from gateway.smtp import listener
from gateway.web import app

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
STATE = str(Config.model_fields["state"].default)


class Unit(configparser.RawConfigParser):
    """A systemd unit; a key that stands several times keeps all of its values, one on each line."""

    def __init__(self, name: str) -> None:
        super().__init__(strict=False, interpolation=None, delimiters=["="], comment_prefixes=["#"])
        self.optionxform = str  # type: ignore[assignment,method-assign]  # how configparser is told to keep capitals
        seen: dict[str, int] = {}
        lines = (ROOT / "systemd" / name).read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            key = line.partition("=")[0]
            if line and line[0].isalpha():
                seen[key] = seen.get(key, 0) + 1
                lines[number] = line.replace(key, f"{key}.{seen[key]}", 1) if seen[key] > 1 else line
        self.read_string("\n".join(lines))


SERVICE = Unit("fax-gateway.service")
EXAMPLE = tomllib.loads((ROOT / "config.example.toml").read_text("utf-8"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the wheel; the names of what it holds."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target], cwd=ROOT, check=True)
    (built,) = target.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


@pytest.mark.process
def test_the_wheel_holds_the_whole_program(wheel: list[str]) -> None:
    """Everything below gateway/ is in it: code, migrations, samples and whatever else it reads."""
    here = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "gateway").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert here == {name for name in wheel if name.startswith("gateway/")}


@pytest.mark.process
def test_the_wheel_holds_nothing_else(wheel: list[str]) -> None:
    """No tests, no state, no secrets of whoever builds it."""
    tops = {name.split("/")[0] for name in wheel}

    assert {"gateway", f"fax_gateway-{__version__}.dist-info"} == tops


def test_the_version_is_told_once() -> None:
    """The package and the project agree."""
    assert PROJECT["version"] == __version__


def test_the_unit_starts_the_program() -> None:
    """The command is ours, in the place that the installation guide names, with its configuration."""
    program, command, *arguments = SERVICE["Service"]["ExecStart"].split()

    assert Path(program).name in PROJECT["scripts"]
    assert "serve" == command
    assert ["--config", "/etc/fax-gateway/config.toml"] == arguments


def test_the_unit_gives_the_state_its_place() -> None:
    """The directory that systemd makes is the one that the program uses when nothing else is said."""
    assert f"/var/lib/{SERVICE['Service']['StateDirectory']}" == STATE
    assert "0077" == SERVICE["Service"]["UMask"]


def test_the_unit_waits_until_everything_ended() -> None:
    """First mail that is arriving, then the worker's step: systemd kills later than both together."""
    patience = float(SERVICE["Service"]["TimeoutStopSec"])

    assert patience > listener.GOODBYE_PATIENCE + daemon.LONGEST_STOP


def test_credentials_are_called_like_the_files() -> None:
    """The rule of configfile: what is handed over under a file's own name is read in its place."""
    text = (ROOT / "systemd" / "fax-gateway.service").read_text("utf-8")
    handed_over = re.findall(r"^#?LoadCredential=([^:]+):(.+)$", text, re.MULTILINE)
    example = (ROOT / "config.example.toml").read_text("utf-8")

    assert len(handed_over) >= 6
    assert [] == [path for name, path in handed_over if Path(path).name != name or f'"{path}"' not in example]


@pytest.mark.parametrize("name", ["fax-gateway.socket", "fax-gateway-submission.socket"])
def test_the_sockets_are_the_listeners(name: str) -> None:
    """Each listener of the example finds its socket by its name, open where the example has it, on IPv6 too."""
    socket, named = Unit(name)["Socket"], {entry["name"]: entry["address"] for entry in EXAMPLE["listener"]}
    address = named[socket["FileDescriptorName"]]

    assert [address, f"[::]:{address.rpartition(':')[2]}"] == [socket["ListenStream"], socket["ListenStream.2"]]
    assert ("fax-gateway.service", "ipv6-only") == (socket["Service"], socket["BindIPv6Only"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DynamicUser", "yes"),
        ("CapabilityBoundingSet", ""),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("MemoryDenyWriteExecute", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("SystemCallFilter", "@system-service"),
        ("SystemCallFilter.2", "~@privileged @resources"),
    ],
)
def test_the_unit_may_do_little(key: str, value: str) -> None:
    """What the exposure in the unit's head was measured with."""
    assert value == SERVICE["Service"][key]


def instructions(word: str) -> list[str]:
    """The arguments of all instructions of a kind in the Dockerfile."""
    return re.findall(rf"^{word}\s+(.*)$", DOCKERFILE, re.MULTILINE)


def test_the_image_takes_what_is_there() -> None:
    """All that is copied exists, and .dockerignore lets it through."""
    allowed = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = [name for line in instructions("COPY") if not line.startswith("--from") for name in line.split()[:-1]]

    assert ["requirements.txt", "requirements-build.txt", "gateway"] == copied
    assert [] == [name for name in copied if f"!{name}" not in allowed or not (ROOT / name).exists()]


def test_the_image_starts_the_program() -> None:
    """As the unit does, and as a user without a name's rights."""
    (entry,), (command,) = instructions("ENTRYPOINT"), instructions("CMD")

    assert json.loads(entry)[0] in PROJECT["scripts"]
    assert SERVICE["Service"]["ExecStart"].split()[1:] == json.loads(command)
    assert ["10001"] == instructions("USER")
    assert [STATE] == instructions("VOLUME") == instructions("WORKDIR")
    assert ["SIGTERM"] == instructions("STOPSIGNAL")


def test_the_image_installs_only_what_is_locked() -> None:
    """Hashes for everything; what is published as source alone is built by what is locked, and nothing else is."""
    (run,) = [line for line in instructions("RUN") if "pip install" in line]
    installs = [command for command in run.split("&&") if "pip install" in command]
    built = [re.findall(r"--no-binary (\S+)", text) for text in (run, MAKEFILE, README)]

    assert [True, True] == ["--require-hashes" in one and "--only-binary :all:" in one for one in installs]
    assert [["dkimpy,pyspf"]] * 3 == built
    assert [True] * 3 == ["--no-build-isolation" in text for text in (run, MAKEFILE, README)]


def health_check() -> list[str]:
    """The image's health check, for this Python."""
    (check,) = instructions("HEALTHCHECK")
    command: list[str] = json.loads(check.partition(" CMD ")[2])
    return [sys.executable, *command[1:]]


async def nothing(*_: object) -> None:
    """Do what the application asks for, and tell nothing."""


def test_health_is_asked_where_the_program_answers() -> None:
    """Port and path are those of the program."""
    application = app(secret=None, read=lambda _: None, hurry=nothing, ready=nothing)
    host, _, port = WebhookSettings().listen.rpartition(":")

    assert f"'{host}', {port}" in health_check()[-1]
    assert "'/healthz'" in health_check()[-1]
    assert "/healthz" in [getattr(route, "path", "") for route in application.routes]


@pytest.mark.process
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_tells_health(status: int, code: int) -> None:
    """A real one: it ends with 0 if and only if the answer is 200."""

    class Answer(http.server.BaseHTTPRequestHandler):
        """Answers with the status."""

        def do_GET(self) -> None:
            """Answer."""
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # as in http.server
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [part.replace("8025", str(server.server_port)) for part in health_check()]
        ended = subprocess.run(command, check=False, capture_output=True)
        server.shutdown()

    assert code == ended.returncode


@pytest.mark.process
def test_the_health_check_fails_when_nobody_answers() -> None:
    """A closed port is no health."""
    command = [part.replace("8025", "1") for part in health_check()]

    assert 0 != subprocess.run(command, check=False, capture_output=True).returncode
