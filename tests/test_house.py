"""The house rules that no linter knows: imports go down only, rooms stay small, everything is described and tested."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "gateway"

CORE = frozenset({"event", "fax", "schedule", "number", "policy", "message", "outcome", "notice", "submission"})
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"__init__", "config", "configfile", "log"}),
    CORE,
    frozenset({"faxplus", "mailer", "store", "spool", "inspector", "origin", "users", "systemd"}),
    frozenset({"smtp", "web", "worker"}),
    frozenset({"daemon", "desk", "livecheck"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""From the ground up: ground, core, edges, doors and worker, what puts them together, commands."""

LEAN_ON_NEIGHBOURS = (FLOORS[0], CORE)
"""Floors whose rooms may import each other, as long as nobody's import leads back to them. Elsewhere nobody may."""

BESIDE = frozenset({"simulator", "mailbox", "samples"})
"""Beside the house: nothing of it depends on them, and they on nothing of it."""
TRIAL = frozenset({"demo"})
"""Plays with what stands beside the house; started by the commands alone."""

CLOCKS = frozenset({"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"})
CLOCK_OWNERS = frozenset({"daemon", "cli", *BESIDE, *TRIAL})
"""Who may ask what time it is; everybody else is handed a clock."""

OUTSIDE = frozenset(
    {"asyncio", "httpx", "os", "random", "secrets", "socket", "sqlalchemy", "ssl", "subprocess", "threading", "time"}
)
"""What core may not import: clocks, chance, and everything that leads out of the process."""

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40

NO_FILE_OF_THEIR_OWN = {
    "__init__": "says the version; test_packaging and test_cli read it",
    "__main__": "one call; test_cli runs it",
    "config/__init__": "names only",
    "event": "plain values; test_fax lets each happen in each state",
    "faxplus/__init__": "names only",
    "faxplus/cover": "plain values; test_faxplus_client holds them against the written API",
    "message/__init__": "names only",
    "message/limits": "two figures; test_message_read goes to them",
    "message/mail": "plain values; test_message_read compares them",
    "origin/__init__": "names only",
    "simulator/__init__": "names only",
    "simulator/job": "plain values; test_simulator_exchange fills them",
    "simulator/refusal": "one exception; test_simulator_app catches it",
    "simulator/shapes": "what the simulator writes; test_simulator_app holds it against the written API",
    "smtp/__init__": "names nothing",
    "smtp/door": "plain values; test_smtp_listener fills them and test_smtp_session works with them",
    "smtp/means": "plain values; test_smtp_intake fills them",
    "spool/__init__": "names only",
    "submission": "plain values; test_store puts them away and gets them back",
}
"""Modules without a test file of their own, and where they are tested instead."""

BADLY_NAMED = re.compile(r"(?i)manager|helper|utils?$|common|processor|(?<![a-z])(base|info)(?![a-z0-9_])")
"""Words that say nothing about what a thing is."""

Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MODULES = {
    str(path.relative_to(HOUSE).with_suffix("")): ast.parse(path.read_text("utf-8"))
    for path in sorted(HOUSE.rglob("*.py"))
}
ROOMS = {name.partition("/")[0] for name in MODULES}


def room_of(name: str) -> str:
    """The room that a module is in."""
    return name.partition("/")[0]


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module that a module imports, wherever in it, by its full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert 0 == node.level, "imports name their whole way"
            for alias in node.names:
                inside = node.module == "gateway" and alias.name in ROOMS
                yield f"gateway.{alias.name}" if inside else node.module or ""


def rooms_imported(name: str) -> set[str]:
    """The other rooms that a module imports."""
    ways = [way.split(".") for way in imported(MODULES[name]) if way.partition(".")[0] == "gateway"]
    return {way[1] if len(way) > 1 else "__init__" for way in ways} - {room_of(name)}


def floor_of(room: str) -> int:
    """How high a room lies."""
    return next(height for height, floor in enumerate(FLOORS) if room in floor)


def definitions(tree: ast.AST) -> Iterator[Defined]:
    """Every class and function in a module, at any depth."""
    return (node for node in ast.walk(tree) if isinstance(node, Defined))


def public(tree: ast.Module) -> Iterator[Defined]:
    """What others may use: public classes and functions, and the public methods of public classes."""
    for node in tree.body:
        if isinstance(node, Defined) and not node.name.startswith("_"):
            yield node
            yield from (
                inner
                for inner in (node.body if isinstance(node, ast.ClassDef) else ())
                if isinstance(inner, Defined) and not inner.name.startswith("_")
            )


def spoken_of(tree: ast.Module) -> set[str]:
    """Everything that is spoken of with a dot: `time.time`, `datetime.now`."""
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def test_every_room_has_its_place() -> None:
    """A new room is put on a floor, on purpose."""

    assert ROOMS == frozenset().union(*FLOORS, BESIDE, TRIAL)


def wrongly_imported(name: str) -> set[str]:
    """Rooms that a module of the house imports and must not."""
    height = floor_of(room_of(name))
    beside = set() if room_of(name) == "cli" else rooms_imported(name) & (BESIDE | TRIAL)
    others = rooms_imported(name) - (BESIDE | TRIAL)
    return beside | {
        other
        for other in others
        if floor_of(other) > height or (floor_of(other) == height and FLOORS[height] not in LEAN_ON_NEIGHBOURS)
    }


def test_imports_go_down() -> None:
    """A module imports rooms of lower floors; doors, worker and edges know nothing of each other."""
    inside = [name for name in MODULES if room_of(name) not in BESIDE | TRIAL]

    assert {} == {name: wrong for name in inside if (wrong := wrongly_imported(name))}


def test_neighbours_do_not_lean_in_circles() -> None:
    """Where rooms of a floor may import each other, there is an order in which they were built."""
    leaning = {
        room: {
            other
            for name in MODULES
            if room_of(name) == room
            for other in rooms_imported(name)
            if any({room, other} <= floor for floor in LEAN_ON_NEIGHBOURS)
        }
        for room in ROOMS
    }
    while built := {room for room, others in leaning.items() if not others}:
        leaning = {room: others - built for room, others in leaning.items() if room not in built}

    assert {} == leaning


def test_what_stands_beside_the_house_stands_alone() -> None:
    """The simulator cannot share a mistake with what it tests."""

    assert {} == {name: rooms for name in MODULES if room_of(name) in BESIDE and (rooms := rooms_imported(name))}


def test_core_is_pure() -> None:
    """No clock, no chance, no way out of the process."""
    core = [name for name in MODULES if room_of(name) in CORE]
    outside = {name: {way.partition(".")[0] for way in imported(MODULES[name])} & OUTSIDE for name in core}

    assert {} == {name: ways for name, ways in outside.items() if ways}


def test_clocks_are_handed_in() -> None:
    """Nobody but those who put the house together asks what time it is."""
    others = [name for name in MODULES if room_of(name) not in CLOCK_OWNERS]

    assert {} == {name: asked for name in others if (asked := spoken_of(MODULES[name]) & CLOCKS)}


def test_everything_is_described() -> None:
    """Every module says what it is, every public class and function what it does."""

    assert [] == [name for name, tree in MODULES.items() if not ast.get_docstring(tree)]
    assert [] == [
        (name, node.name) for name, tree in MODULES.items() for node in public(tree) if not ast.get_docstring(node)
    ]


def test_rooms_stay_small() -> None:
    """A module holds one idea, a function does one thing. Migrations are lists of columns, and are never edited."""
    ours = {name: tree for name, tree in MODULES.items() if "/migrations/" not in name}
    functions = [
        (name, node.name, (node.end_lineno or 0) - node.lineno + 1)
        for name, tree in ours.items()
        for node in definitions(tree)
        if not isinstance(node, ast.ClassDef)
    ]
    lengths = {name: len((HOUSE / f"{name}.py").read_text("utf-8").splitlines()) for name in ours}

    assert [] == [function for function in functions if function[2] > LONGEST_FUNCTION]
    assert {} == {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE}


def test_names_say_what_a_thing_is() -> None:
    """No manager, no helper: whoever finds no name for a thing has not found the thing."""
    names = {
        (name, one)
        for name, tree in MODULES.items()
        for one in (*name.split("/"), *(node.name for node in definitions(tree)))
    }

    assert set() == {(name, one) for name, one in names if BADLY_NAMED.search(one)}


def has_tests(name: str) -> bool:
    """Whether there is a file of its name, or of its room's."""
    whole = name.removesuffix("/__init__").replace("/", "_")
    files = {f"test_{whole}.py", f"test_{room_of(name)}.py"}
    return any((ROOT / "tests" / file).exists() for file in files)


def test_every_module_has_its_tests() -> None:
    """The tests of gateway/smtp/data.py are in tests/test_smtp_data.py or in tests/test_smtp.py."""

    assert set(NO_FILE_OF_THEIR_OWN) == {name for name in MODULES if not has_tests(name)}


def sources() -> Iterable[Path]:
    """All Python of the project."""
    return [path for folder in ("gateway", "tests", "bench") for path in sorted((ROOT / folder).rglob("*.py"))]


def test_exceptions_give_a_reason() -> None:
    """Whoever tells a linter to look away says why, on the same line."""
    looks_away = re.compile(r"#\s*(noqa|type:\s*ignore)\b(?P<codes>[^#]*)(?P<why>#.*)?$")
    unexplained = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (found := looks_away.search(line)) and not found["why"] and path != Path(__file__)
    ]

    assert [] == unexplained


def test_nothing_is_put_off() -> None:
    """No test is skipped but where a Python hides its SQLite, and nobody leaves a note to do something later."""
    put_off = re.compile(r"\b(TODO|FIXME|XXX)\b|pytest\.mark\.(skip|xfail)|pytest\.skip\(")
    found = [str(path.relative_to(ROOT)) for path in sources() if put_off.search(path.read_text("utf-8"))]

    assert ["tests/test_house.py", "tests/test_power.py"] == sorted(found)
