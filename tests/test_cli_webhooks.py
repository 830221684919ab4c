"""`webhook`: after `register` exactly one of ours is there, nobody else's is touched, and no secret is shown."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.simulator import Fault
from tests.operating import Said, a_config, a_secret, gateway
from tests.running import WEBHOOK_SECRET, Surroundings, surroundings
from tests.simulated import hooked

PUBLIC_URL = "https://fax.example.org/in"
TARGET = f"{PUBLIC_URL}/faxplus/{WEBHOOK_SECRET}"
OLD = f"{PUBLIC_URL}/faxplus/the-secret-of-last-year-0123456789"
FOREIGN = ["https://other.example.org/hook", f"https://fax.example.org/faxplus/{WEBHOOK_SECRET}"]


def run(tmp_path: Path, commands: Sequence[Sequence[str]], *targets: str, fault: Fault | None = None) -> list[Said]:
    """Run commands one after the other; first these are registered. The last is the list as FAX.PLUS has it."""

    async def story() -> list[Said]:
        async with surroundings(tmp_path) as around:
            around.configure(public_url=PUBLIC_URL)
            ids = [hooked(around.account, target=target) for target in targets]
            if fault is not None:
                around.faults.add(fault)
            said = []
            for command in commands:
                words = [ids[0] if word == "ID" else word for word in command]
                said.append(await asyncio.to_thread(gateway, "webhook", *words, "--config", around.config))
            return [*said, Said(0, "\n".join(registered(around)), "")]

    return asyncio.run(story())


def registered(around: Surroundings) -> list[str]:
    """The targets at FAX.PLUS."""
    return sorted(hook.target for hook in around.account.hooks("fax_sent"))


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ([], "registered; 0 old ones removed"),
        ([TARGET], "registered already; 0 old ones removed"),
        ([TARGET, TARGET, TARGET], "registered already; 2 old ones removed"),
        ([OLD], "registered; 1 old ones removed"),
        ([OLD, TARGET, OLD], "registered already; 2 old ones removed"),
    ],
)
def test_register(before: list[str], words: str, tmp_path: Path) -> None:
    """Whatever of ours was there, one is left; others stay."""
    said, left = run(tmp_path, [["register"]], *before, *FOREIGN)

    assert (0, "") == (said.code, said.err)
    assert said.out.startswith("webhook ")
    assert said.out.rstrip().endswith(f" is {words}")
    assert sorted([TARGET, *FOREIGN]) == left.out.splitlines()


def test_register_twice(tmp_path: Path) -> None:
    """The second time changes nothing."""
    first, second, left = run(tmp_path, [["register"], ["register"]])

    assert first.out.split()[1] == second.out.split()[1]
    assert TARGET == left.out


def test_register_and_the_answer_is_lost(tmp_path: Path) -> None:
    """FAX.PLUS registered it and its answer was lost: doing it again mends that, and leaves one."""
    fault = Fault(kind="lost_answer", method="POST", path="*/hooks")
    first, second, left = run(tmp_path, [["register"], ["register"]], fault=fault)

    assert (1, "") == (first.code, first.out)
    assert first.err.startswith("FAX.PLUS: ")
    assert (0, TARGET) == (second.code, left.out)


def test_list_masks_the_secret(tmp_path: Path) -> None:
    """Ids to remove them by, the event, the address without its secret."""
    said, _ = run(tmp_path, [["list"]], TARGET, FOREIGN[0])
    ours, foreign = said.out.splitlines()

    assert (0, "") == (said.code, said.err)
    assert WEBHOOK_SECRET not in said.out
    assert ours.endswith(f"  fax_sent  {PUBLIC_URL}/faxplus/[hidden]")
    assert foreign.endswith(f"  fax_sent  {FOREIGN[0]}")


def test_list_for_programs(tmp_path: Path) -> None:
    """The same as JSON, and as secret."""
    said, _ = run(tmp_path, [["list", "--json"]], TARGET)
    (ours,) = json.loads(said.out)

    assert {"id", "event", "target"} == set(ours)
    assert ("fax_sent", f"{PUBLIC_URL}/faxplus/[hidden]") == (ours["event"], ours["target"])


def test_list_nothing(tmp_path: Path) -> None:
    """Nothing registered is no error."""

    assert Said(0, "", "") == run(tmp_path, [["list"]])[0]
    assert Said(0, "[]\n", "") == run(tmp_path, [["list", "--json"]])[0]


def test_remove(tmp_path: Path) -> None:
    """One is removed by its id; a second time there is none of that id."""
    first, second, left = run(tmp_path, [["remove", "ID"], ["remove", "ID"]], OLD, FOREIGN[0])

    assert Said(0, "", "") == first
    assert 1 == second.code
    assert second.err.startswith("there is no webhook ")
    assert FOREIGN[0] == left.out


@pytest.mark.parametrize("command", [["register"], ["list"], ["remove", "w1"]])
def test_without_faxplus(command: list[str], tmp_path: Path) -> None:
    """Nobody answers, and that is said."""
    a_secret(tmp_path / "secret", WEBHOOK_SECRET)
    config = a_config(tmp_path)
    webhook = f'[webhook]\npublic_url = "{PUBLIC_URL}"\nsecret_file = "{tmp_path}/secret"\n'
    config.write_text(f"{config.read_text()}\n{webhook}")
    said = gateway("webhook", *command, "--config", config)

    assert (1, "") == (said.code, said.out)
    assert said.err.startswith("FAX.PLUS: FAX.PLUS cannot be reached")


def test_register_without_an_address(tmp_path: Path) -> None:
    """A gateway that nobody can call has nothing to register."""
    said = gateway("webhook", "register", "--config", a_config(tmp_path))

    assert Said(1, "", "webhook.public_url and webhook.secret_file are not configured\n") == said


def test_register_without_its_secret(tmp_path: Path) -> None:
    """The file of the secret is not there: it is named."""
    config = a_config(tmp_path)
    webhook = f'[webhook]\npublic_url = "{PUBLIC_URL}"\nsecret_file = "{tmp_path}/secret"\n'
    config.write_text(f"{config.read_text()}\n{webhook}")
    said = gateway("webhook", "register", "--config", config)

    assert (1, "") == (said.code, said.out)
    assert said.err.startswith(f"there is no file {tmp_path}/secret")
