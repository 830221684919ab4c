"""`explain`: who may fax where to and why, by the very code that answers RCPT; 0 taken, 1 refused, 2 misused."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from gateway.policy import Limit, Unit
from gateway.policy.quotas import DAY
from tests.name_server import name_server, text
from tests.operating import Said, a_config, gateway, the_store
from tests.values import a_document, a_fax, a_submission

RULES = """
[[sender]]
name       = "printer"
networks   = ["192.0.2.17"]
confirm_to = "desk@example.org"
per_day    = 2

[[sender]]
name  = "staff"
users = ["alice"]
from  = ["*@example.org"]
allow = ["US", "DE"]

[spend]
per_day = 500
"""


def explain(place: Path, *arguments: str, rules: str = RULES) -> Said:
    """Ask with these rules."""
    config = a_config(place)
    config.write_text(f'users_file = "{place}/users"\n{config.read_text()}{rules}')
    return gateway("explain", "--config", config, *arguments)


PRINTER = ("--from", "scanner", "--ip", "192.0.2.17")
ALICE = ("--from", "alice@example.org", "--ip", "198.51.100.1", "--user", "alice")


@pytest.mark.parametrize(
    ("arguments", "code", "answer"),
    [
        ((*PRINTER, "--to", "2025550123"), 0, "250 2.1.5 recipient OK"),
        ((*PRINTER, "--to", "(202) 555-0123"), 0, "250 2.1.5 recipient OK"),
        ((*PRINTER, "--to", "FAX=+12025550123@fax.local"), 0, "250 2.1.5 recipient OK"),
        ((*PRINTER, "--to", "postmaster@fax.local"), 0, "250 2.1.5 recipient OK"),
        ((*PRINTER, "--to", "+493012345678"), 1, "550 5.7.1 calls to DE are not allowed here, only to US"),
        ((*PRINTER, "--to", "2025550123@example.com"), 1, "550 5.7.1 relaying denied"),
        ((*PRINTER, "--to", "911"), 1, "550 5.7.1 emergency and short codes"),
        ((*PRINTER, "--to", "+12025550100"), 1, "550 5.7.1 this is the gateway's own number"),
        ((*PRINTER, "--to", "bob"), 1, "550 5.1.1 not a fax number"),
        ((*ALICE, "--to", "+493012345678"), 0, "250 2.1.5 recipient OK"),
        (("--from", "<>", "--ip", "192.0.2.17", "--to", "2025550123"), 1, "550 5.7.1 mail without a sender"),
        (("--from", "x@y.example", *ALICE[2:], "--to", "2025550123"), 1, "550 5.7.1 198.51.100.1, logged in as alice,"),
        (("--from", "x@y.example", "--ip", "::1", "--to", "2025550123"), 1, "550 5.7.1 ::1 is not listed"),
    ],
)
def test_the_answer(arguments: tuple[str, ...], code: int, answer: str, tmp_path: Path) -> None:
    """It is the one that SMTP gives, and the exit code says which way it goes."""
    said = explain(tmp_path, *arguments)

    assert (code, "") == (said.code, said.err)
    assert said.out.splitlines()[-1].startswith(f"Answer: {answer}")


def test_read_aloud(tmp_path: Path) -> None:
    """Which rule decides, why the others did not, what becomes of the number, what is used up."""
    day = time.strftime("%Y-%m-%d", time.gmtime())

    assert [
        "Rules",
        "  1 printer: passed over, it does not name the login alice",
        "  2 staff: decides",
        "Number: +493012345678 (DE), it may be called",
        "Spending",
        f"  {day}: 0 of 500 used",
        "Answer: 250 2.1.5 recipient OK",
    ] == explain(tmp_path, *ALICE, "--to", "+493012345678").out.splitlines()


@pytest.mark.parametrize(
    ("record", "spf", "decides"),
    [
        (
            "v=spf1 ip4:198.51.100.1 -all",
            "pass",
            "decides, since SPF shows whose mail it is, if From is of its domains too",
        ),
        ("v=spf1 ~all", "softfail", "decides, if the mail is signed by one of its domains (DKIM)"),
    ],
)
def test_spf_is_asked(record: str, spf: str, decides: str, tmp_path: Path) -> None:
    """The DNS is asked as it would be for the mail, and only for a domain that a rule names."""
    with name_server({("example.net", "TXT"): [text(record)]}) as server:
        rules = f'[[sender]]\nname = "partners"\ndomains = ["example.net"]\n[dns]\nnameservers = ["{server.address}"]\n'
        for place in ("one", "two"):
            (tmp_path / place).mkdir()
        who = ("--ip", "198.51.100.1", "--to", "2025550123")
        said = explain(tmp_path / "one", "--from", "a@example.net", *who, rules=rules)
        other = explain(tmp_path / "two", "--from", "a@example.org", *who, rules=rules)

        assert [("example.net", "TXT")] == list(server.asked)

    assert ["Rules", f"  1 partners: {decides}", f"SPF: {spf}"] == said.out.splitlines()[:3]
    assert (0, "Answer: 250 2.1.5 recipient OK") == (said.code, said.out.splitlines()[-1])
    assert (1, True) == (other.code, "SPF" not in other.out)


def test_for_programs(tmp_path: Path) -> None:
    """The same as JSON."""
    said = json.loads(explain(tmp_path, *PRINTER, "--to", "+493012345678", "--json").out)

    assert (False, "+493012345678", "DE") == (said["taken"], said["number"], said["country"])
    assert [{"rule": "printer", "words": "decides"}, {"rule": "staff", "words": "not asked"}] == said["rules"]


def test_quotas_are_read_from_the_database(tmp_path: Path) -> None:
    """What is used up is refused as it would be in SMTP."""
    a_config(tmp_path)

    async def fax_twice() -> None:
        async with the_store(tmp_path) as store:
            quota = Limit(most=2, unit=Unit.FAXES, span=DAY, rule="printer")
            for n in range(2):
                submission = a_submission(
                    id=f"s{n}", rule="printer", received_at=time.time(), documents=(a_document(),)
                )
                await store.accept(submission, [a_fax(id=f"f{n}", submission_id=f"s{n}")], quotas=[quota])

    asyncio.run(fax_twice())
    said = explain(tmp_path, *PRINTER, "--to", "2025550123")
    words = 'the sender rule "printer" lets 2 faxes in a day through'

    assert 1 == said.code
    assert f"  {words}: 2 of 2 used" in said.out.splitlines()
    assert f"Answer: 550 5.7.1 {words}, and no more" == said.out.splitlines()[-1]


def test_it_makes_no_database(tmp_path: Path) -> None:
    """Whoever only asks leaves no file behind that the daemon could not open."""
    explain(tmp_path, *PRINTER, "--to", "2025550123")

    assert [] == [path.name for path in (tmp_path / "state").iterdir()]


def test_a_database_that_cannot_be_read(tmp_path: Path) -> None:
    """Then the rest is told all the same."""
    a_config(tmp_path)
    (tmp_path / "state" / "fax-gateway.sqlite3").write_text("this is no database, but long enough to be looked at")
    said = explain(tmp_path, *PRINTER, "--to", "2025550123")

    assert 0 == said.code
    assert "Quotas and spending are not known: file is not a database" in said.out.splitlines()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (*PRINTER,),
        ("--from", "a b", "--ip", "192.0.2.17", "--to", "2025550123"),
        ("--from", "<a@example.org> SIZE=1", "--ip", "192.0.2.17", "--to", "2025550123"),
        ("--from", "a@example.org", "--ip", "printer", "--to", "2025550123"),
        (*PRINTER, "--to", "2025550123\n@fax.local"),
    ],
)
def test_misused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """What cannot be understood is no refusal."""

    assert 2 == explain(tmp_path, *arguments).code
