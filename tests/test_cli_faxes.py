"""The operator's commands on faxes: shown as they are, whatever outsiders wrote; cancelled and resent, or why not."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.event import (
    Accepted,
    AnyEvent,
    Claimed,
    Deferred,
    Delivered,
    GivenUp,
    Refused,
    StillSending,
    Undelivered,
)
from gateway.fax import Fax
from gateway.spool import Spool
from gateway.submission import LeftOut
from gateway.worker.ledger import Ledger
from tests.operating import Said, a_config, gateway, the_store
from tests.running import surroundings
from tests.simulated import sent
from tests.values import NOW, a_document, a_fax, a_submission
from tests.workshop import OPERATOR

CLAIMED, ACCEPTED = Claimed(look_at=NOW + 1), Accepted(remote_ids=("r1",), ask_at=NOW + 2)
HOSTILE = "\x1b[2Jwipe\x07\r\nsecond line [bold]loud[/nope] :smile: \u202egnp.exe"
SHOWN = "?[2Jwipe???second line [bold]loud[/nope] :smile: ?gnp.exe"


def lived(place: Path, *events: AnyEvent, fax: dict[str, Any] | None = None, **submission: Any) -> None:
    """Put one fax on record, to which these events happened, one a minute."""

    async def story() -> None:
        async with the_store(place) as store:
            new = a_fax(**{"id": "fax1"} | (fax or {}))
            await store.accept(a_submission(**submission), [new])
            times = iter(NOW + 60.0 * minute for minute in range(1, 100))
            ledger = Ledger(store=store, operator=OPERATOR, kick=lambda: None, now=lambda: next(times))
            for event in events:
                await ledger.happened(await store.fax(new.id) or new, event)

    asyncio.run(story())


def on_record(place: Path, id: str = "fax1") -> Fax:
    """A fax as it is now."""

    async def story() -> Fax:
        async with the_store(place) as store:
            fax = await store.fax(id)
            assert fax is not None
            return fax

    return asyncio.run(story())


def faxes(place: Path, *new: Fax) -> None:
    """Put faxes on record."""

    async def story() -> None:
        async with the_store(place) as store:
            await store.accept(a_submission(), new)

    asyncio.run(story())


def spooled(place: Path) -> None:
    """Let the mail lie in the spool."""
    Spool(place / "state" / "spool").path("s1").write_text("mail")


def a_few(place: Path) -> Path:
    """A configuration, and a fax in each of three states, the newest last."""
    faxes(
        place,
        a_fax(id="fax1", created_at=NOW, reason="FAX.PLUS asks us to slow down (429)"),
        a_fax(id="fax2", created_at=NOW + 60, state="submitted", number="+441712345678901", status="sending"),
        a_fax(id="fax3", created_at=NOW + 120, state="failed", due_at=None, reason="there is no such number"),
    )
    return a_config(place)


# list


def test_list_is_whole(tmp_path: Path) -> None:
    """The newest first, a line each; nothing is cut off or wrapped where a program reads it."""
    said = gateway("list", "--config", a_few(tmp_path))

    assert (0, "") == (said.code, said.err)
    assert [
        "Fax Number State Dialled Accepted (UTC) Last event",
        "fax3 +15551234567 failed 1 2027-01-15 08:02:00 there is no such number",
        "fax2 +441712345678901 submitted 1 2027-01-15 08:01:00 sending",
        "fax1 +15551234567 queued 1 2027-01-15 08:00:00 FAX.PLUS asks us to slow down (429)",
    ] == [" ".join(line.split()) for line in said.out.splitlines()]


def test_list_for_programs(tmp_path: Path) -> None:
    """JSON on standard output, with every field and nothing else."""
    said = gateway("list", "--json", "--config", a_few(tmp_path))
    found = json.loads(said.out)

    assert ["fax3", "fax2", "fax1"] == [fax["id"] for fax in found]
    assert set(Fax.__dataclass_fields__) == set(found[0])
    assert ("failed", NOW + 120, None) == (found[0]["state"], found[0]["created_at"], found[0]["due_at"])


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), ["fax3", "fax2", "fax1"]),
        (("--limit", "2"), ["fax3", "fax2"]),
        (("--state", "queued"), ["fax1"]),
        (("--state", "queued", "--state", "failed"), ["fax3", "fax1"]),
        (("--state", "queued", "--state", "failed", "--limit", "1"), ["fax3"]),
        (("--state", "delivered"), []),
    ],
)
def test_list_some(options: tuple[str, ...], found: list[str], tmp_path: Path) -> None:
    """Only so many, only in these states."""
    said = gateway("list", "--json", *options, "--config", a_few(tmp_path))

    assert found == [fax["id"] for fax in json.loads(said.out)]


def test_list_nothing(tmp_path: Path) -> None:
    """No faxes are no error."""
    config = a_config(tmp_path)

    assert Said(0, "no faxes\n", "") == gateway("list", "--config", config)
    assert Said(0, "[]\n", "") == gateway("list", "--json", "--config", config)


def test_list_shows_hostile_words(tmp_path: Path) -> None:
    """A reason that somebody outside wrote neither formats the table nor acts on the terminal."""
    faxes(tmp_path, a_fax(id="fax1", reason=HOSTILE))
    said = gateway("list", "--config", a_config(tmp_path))

    assert 0 == said.code
    assert said.out.rstrip().endswith(SHOWN)


# show


def test_show(tmp_path: Path) -> None:
    """All that is known of a fax, all that happened to it, and whether its sender was told."""
    undelivered = Undelivered(status="failed_unallocated_number", reason="there is no such number")
    lived(tmp_path, CLAIMED, ACCEPTED, undelivered)
    said = gateway("show", "fax1", "--config", a_config(tmp_path))

    assert (0, "") == (said.code, said.err)
    lines = [" ".join(line.split()) for line in said.out.splitlines()]

    assert [
        "Fax fax1 to +15551234567: failed",
        "From alice@example.org by rule office, client 127.0.0.1",
        "Mail s1 <1@example.org>",
        "Documents letter.pdf (2 pages)",
        "Left out logo.png (a picture)",
        "FAX.PLUS ids r1",
        "It counted nothing yet",
        "Due (UTC) -",
        "At (UTC) Event State Dialling Status Reason",
        "2027-01-15 08:00:00 Queued queued 1",
        "2027-01-15 08:01:00 Claimed submitting 1",
        "2027-01-15 08:02:00 Accepted submitted 1",
        "2027-01-15 08:03:00 Undelivered failed 1 failed_unallocated_number there is no such number",
        "Notice fax1.3 to alice@example.org: not sent: waiting",
    ] == lines


def test_show_what_has_not_begun(tmp_path: Path) -> None:
    """What is not known yet is said to be so."""
    lived(tmp_path, left_out=())
    said = gateway("show", "fax1", "--config", a_config(tmp_path))

    assert "Left out      nothing\nFAX.PLUS ids  none\nIt counted    nothing yet\nDue (UTC) " in said.out


def test_show_what_it_cost(tmp_path: Path) -> None:
    """What FAX.PLUS counted, as far as it said."""
    lived(tmp_path, CLAIMED, ACCEPTED, Delivered(pages=2, duration=90.0, cost=0.24))
    said = gateway("show", "fax1", "--config", a_config(tmp_path))

    assert "\nIt counted    2 pages, 90 seconds, cost 0.24\n" in said.out


def test_show_a_mail(tmp_path: Path) -> None:
    """By the id that SMTP answered: each of its faxes, for programs as a list."""
    faxes(tmp_path, a_fax(id="fax1"), a_fax(id="fax2", number="+441712345678901"))
    config = a_config(tmp_path)
    said = gateway("show", "s1", "--config", config)
    first, second = said.out.split("\n\n")

    assert first.startswith("Fax           fax1 to +15551234567: queued\n")
    assert second.startswith("Fax           fax2 to +441712345678901: queued\n")
    assert ["fax1", "fax2"] == [
        fax["id"] for fax in json.loads(gateway("show", "s1", "--json", "--config", config).out)
    ]


def test_show_for_programs(tmp_path: Path) -> None:
    """JSON with submission, history and notices."""
    lived(tmp_path, CLAIMED, ACCEPTED, Delivered(pages=2))
    found = json.loads(gateway("show", "fax1", "--json", "--config", a_config(tmp_path)).out)

    assert ("fax1", "delivered", 2) == (found["id"], found["state"], found["pages"])
    assert ("s1", "letter.pdf") == (found["submission"]["id"], found["submission"]["documents"][0]["name"])
    assert ["Queued", "Claimed", "Accepted", "Delivered"] == [change["event"] for change in found["history"]]
    assert [("fax1.3", "alice@example.org")] == [(one["id"], one["recipient"]) for one in found["notices"]]


def test_show_tells_when_it_was_told(tmp_path: Path) -> None:
    """A notice that was sent says when; one that was given up says why."""

    async def tried(**changed: Any) -> None:
        async with the_store(tmp_path) as store:
            (notice,) = await store.notices("fax1")
            await store.tried(replace(notice, due_at=None, attempts=1, **changed))

    lived(tmp_path, Refused(reason="no"))
    config = a_config(tmp_path)
    asyncio.run(tried(last_error="550 no such user"))

    assert gateway("show", "fax1", "--config", config).out.endswith("not sent: 550 no such user\n")

    asyncio.run(tried(sent_at=NOW))

    assert gateway("show", "fax1", "--config", config).out.endswith("sent 2027-01-15 08:00:00\n")


def test_show_hostile_words(tmp_path: Path) -> None:
    """Names, addresses and reasons that outsiders wrote are shown on their line, and do nothing else."""
    lived(
        tmp_path,
        Deferred(reason=HOSTILE, retry_at=NOW),
        sender=HOSTILE,
        client=HOSTILE,
        documents=(a_document(name=HOSTILE),),
        left_out=(LeftOut(HOSTILE, HOSTILE),),
    )
    said = gateway("show", "fax1", "--config", a_config(tmp_path))

    assert 0 == said.code
    assert said.out.replace("\n", "").isprintable()
    assert 6 == said.out.count(SHOWN)
    assert 8 + 3 == len(said.out.splitlines())


def test_show_no_fax(tmp_path: Path) -> None:
    """An id that is none is answered with where ids are found."""
    said = gateway("show", "nobody", "--config", a_config(tmp_path))

    assert Said(1, "", "there is no fax nobody; `fax-gateway list` shows which there are\n") == said


# cancel and resend


def test_cancel(tmp_path: Path) -> None:
    """Taken back from the queue; what it says is so."""
    lived(tmp_path)
    said = gateway("cancel", "fax1", "--config", a_config(tmp_path))

    assert Said(0, "fax fax1 is cancelled: cancelled by the operator\n", "") == said
    assert "cancelled" == on_record(tmp_path).state


def test_cancel_for_programs(tmp_path: Path) -> None:
    """JSON, and nothing else on standard output."""
    lived(tmp_path)
    said = gateway("cancel", "fax1", "--json", "--config", a_config(tmp_path))

    assert ("cancelled", None) == ((found := json.loads(said.out))["state"], found["due_at"])


def test_resend(tmp_path: Path) -> None:
    """Back into the queue."""
    lived(tmp_path, Refused(reason="no"))
    config = a_config(tmp_path)
    spooled(tmp_path)
    said = gateway("resend", "fax1", "--config", config)

    assert Said(0, "fax fax1 is queued: resent by the operator\n", "") == said
    assert ("queued", 2) == (on_record(tmp_path).state, on_record(tmp_path).attempt)


def test_resend_what_may_arrive_twice(tmp_path: Path) -> None:
    """Refused, with the option that allows it; with that option it is done."""
    lived(tmp_path, CLAIMED, GivenUp(reason="never heard of it again"))
    config = a_config(tmp_path)
    spooled(tmp_path)
    words = "fax fax1 may have arrived, wholly or in part; ask the recipient, then use --may-arrive-twice\n"

    assert Said(1, "", words) == gateway("resend", "fax1", "--config", config)
    assert "failed" == on_record(tmp_path).state

    said = gateway("resend", "fax1", "--may-arrive-twice", "--json", "--config", config)

    assert (0, "queued") == (said.code, json.loads(said.out)["state"])


@pytest.mark.parametrize(
    ("command", "events", "words"),
    [
        ("cancel", [CLAIMED], "fax fax1 is just being submitted; try again in a few minutes"),
        ("cancel", [Refused()], "fax fax1 has ended already: failed"),
        ("resend", [], "fax fax1 has not ended: queued"),
        ("resend", [CLAIMED, ACCEPTED, Delivered()], "fax fax1 was delivered; send a new mail to fax it again"),
        (
            "resend",
            [Refused()],
            "the documents of fax fax1 are no longer kept; ask the sender for a new mail",
        ),
    ],
)
def test_refused_here(command: str, events: list[AnyEvent], words: str, tmp_path: Path) -> None:
    """What cannot be done is not done, and the reason is said."""
    lived(tmp_path, *events)
    before = on_record(tmp_path)

    assert Said(1, "", f"{words}\n") == gateway(command, "fax1", "--config", a_config(tmp_path))
    assert before == on_record(tmp_path)


def test_cancel_without_faxplus(tmp_path: Path) -> None:
    """FAX.PLUS cannot be asked whether it gives the fax back: nothing is claimed."""
    lived(tmp_path, CLAIMED, ACCEPTED, StillSending(ask_at=NOW))
    said = gateway("cancel", "fax1", "--config", a_config(tmp_path))

    assert (1, "") == (said.code, said.out)
    assert said.err.startswith("FAX.PLUS: FAX.PLUS cannot be reached")
    assert "submitted" == on_record(tmp_path).state


def test_cancel_at_faxplus(tmp_path: Path) -> None:
    """The whole way: the gateway's own token, over a real socket, to a FAX.PLUS that has not begun to dial."""

    async def story() -> tuple[Said, list[str]]:
        async with surroundings(tmp_path, speed=1.0, seconds_to_convert=3600.0) as around:
            id = sent(around.account)
            config = a_config(tmp_path, faxplus=around.faxplus)
            async with the_store(tmp_path) as store:
                submitted = {"state": "submitted", "remote_ids": (id,)}
                await store.accept(a_submission(), [a_fax(id="fax1", **submitted)])
            said = await asyncio.to_thread(gateway, "cancel", "fax1", "--config", config)
            return said, [job.status for job in around.account.jobs]

    said = Said(0, "fax fax1 is cancelled: cancelled by the operator\n", "")

    assert (said, ["cancelled"]) == asyncio.run(story())
