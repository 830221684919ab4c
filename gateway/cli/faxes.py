"""The operator's commands on faxes: list, show, cancel, resend."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.opening import DEFAULT_CONFIG, AsJson, ConfigPath, configured, opened_desk, opened_records, run
from gateway.config import Config
from gateway.desk import RefusedHereError
from gateway.fax import Change, Fax, State
from gateway.store import Store
from gateway.submission import Notice, Submission

WIDE = 200
"""Columns of a table that no terminal shows: programs that read it must not find it cut."""

Id = Annotated[str, typer.Argument(help="The fax's id, as `list` shows it.")]
AnyId = Annotated[str, typer.Argument(help="A fax's id, or that of a mail, as SMTP answers it: queued as ...")]


@dataclass(frozen=True, slots=True)
class Record:
    """All that is on record about one fax."""

    fax: Fax
    submission: Submission
    history: Sequence[Change]
    notices: Sequence[Notice]


def list_(
    config: ConfigPath = DEFAULT_CONFIG,
    state: Annotated[list[State] | None, typer.Option(help="Only faxes in this state; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(help="How many.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest faxes."""
    faxes = run(_newest(configured(config), state or list(State), limit))
    if as_json:
        print(json.dumps([asdict(fax) for fax in faxes], indent=2))
    else:
        _print_table(faxes)


def show(id: AnyId, config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show a fax, or the faxes of a mail: all that is known of them and all that happened to them."""
    records = run(_records(configured(config), id))
    if as_json:
        shown = [_for_programs(record) for record in records]
        print(json.dumps(shown[0] if records[0].fax.id == id else shown, indent=2))
    for place, record in enumerate(() if as_json else records):
        print("\n" * bool(place), end="")
        _print_record(record)


def cancel(id: Id, config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Take a fax back before it is sent. Its sender is told."""
    _print_result(run(_cancelled(configured(config), id)), as_json=as_json)


def resend(
    id: Id,
    config: ConfigPath = DEFAULT_CONFIG,
    may_arrive_twice: Annotated[
        bool, typer.Option("--may-arrive-twice", help="Also when pages may have arrived already.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send a failed or cancelled fax once more, with all its redials. Its sender is told how that ended."""
    _print_result(run(_resent(configured(config), id, may_arrive_twice=may_arrive_twice)), as_json=as_json)


async def _newest(config: Config, states: list[State], limit: int) -> list[Fax]:
    async with opened_records(config) as store:
        return await store.faxes(limit=limit, states=states)


async def _records(config: Config, id: str) -> list[Record]:
    """The record of a fax, or those of a mail's faxes."""
    async with opened_records(config) as store:
        fax = await store.fax(id)
        faxes = [fax] if fax is not None else await store.faxes_of(id)
        submission = await store.submission(faxes[0].submission_id) if faxes else None
        if submission is None:
            raise RefusedHereError(f"there is no fax {id}; `fax-gateway list` shows which there are")
        return [await _record(store, one, submission) for one in faxes]


async def _record(store: Store, fax: Fax, submission: Submission) -> Record:
    return Record(fax, submission, await store.history(fax.id), await store.notices(fax.id))


async def _cancelled(config: Config, id: str) -> Fax:
    async with opened_desk(config) as desk:
        return await desk.cancel(id)


async def _resent(config: Config, id: str, *, may_arrive_twice: bool) -> Fax:
    async with opened_desk(config) as desk:
        return await desk.resend(id, may_arrive_twice=may_arrive_twice)


def _print_result(fax: Fax, *, as_json: bool) -> None:
    print(json.dumps(asdict(fax), indent=2) if as_json else _shown(f"fax {fax.id} is {fax.state}: {fax.reason}"))


def _print_table(faxes: Sequence[Fax]) -> None:
    if not faxes:
        print("no faxes")
        return
    rows = [
        (fax.id, fax.number, fax.state, str(fax.attempt), _time(fax.created_at), fax.reason or fax.status)
        for fax in faxes
    ]
    _print_rows(("Fax", "Number", "State", "Dialled", "Accepted (UTC)", "Last event"), rows)


def _for_programs(record: Record) -> dict[str, Any]:
    return asdict(record.fax) | {
        "submission": asdict(record.submission),
        "history": [asdict(change) for change in record.history],
        "notices": [asdict(notice) for notice in record.notices],
    }


def _print_record(record: Record) -> None:
    for name, fact in _facts(record.fax, record.submission).items():
        print(_shown(f"{name:13} {fact}"))
    rows = [
        (_time(change.at), change.event, change.state, str(change.attempt), change.status, change.reason)
        for change in record.history
    ]
    _print_rows(("At (UTC)", "Event", "State", "Dialling", "Status", "Reason"), rows)
    for notice in record.notices:
        sent = f"sent {_time(notice.sent_at)}" if notice.sent_at else f"not sent: {notice.last_error or 'waiting'}"
        print(_shown(f"Notice {notice.id} to {notice.recipient}: {sent}"))


def _facts(fax: Fax, submission: Submission) -> dict[str, str]:
    return {
        "Fax": f"{fax.id} to {fax.number}: {fax.state}",
        "From": f"{submission.sender} by rule {submission.rule}, client {submission.client}",
        "Mail": f"{submission.id} {submission.message_id}",
        "Documents": ", ".join(f"{one.name} ({one.pages} pages)" for one in submission.documents),
        "Left out": ", ".join(f"{one.name} ({one.why})" for one in submission.left_out) or "nothing",
        "FAX.PLUS ids": ", ".join(fax.remote_ids) or "none",
        "It counted": ", ".join(_counted(fax)) or "nothing yet",
        "Due (UTC)": _time(fax.due_at),
    }


def _counted(fax: Fax) -> Iterator[str]:
    """What FAX.PLUS said that it took, in its own units."""
    if fax.pages is not None:
        yield f"{fax.pages} pages"
    if fax.duration is not None:
        yield f"{fax.duration:g} seconds"
    if fax.cost is not None:
        yield f"cost {fax.cost:g}"


def _print_rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table whose last column alone may be wrapped."""
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, no_wrap=name is not names[-1], overflow="fold")
    for row in rows:
        table.add_row(*map(_shown, row))
    width = None if sys.stdout.isatty() else WIDE
    Console(width=width, markup=False, emoji=False, highlight=False).print(table)


def _shown(words: str) -> str:
    """Without what could act on the terminal: names, addresses and reasons come from outside."""
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def _time(at: float | None) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S") if at is not None else "-"
