"""The judge of the kill tests is judged: it finds each broken promise, and nothing where none is broken."""

from collections.abc import Sequence

import pytest

from gateway.mailbox import Mail
from gateway.simulator.behaviour import SUCCESS, ending
from gateway.simulator.job import Attempt, Job, Upload
from gateway.simulator.orders import Comment, Order, Retry
from tests.reckoning import Letter, Told, course, reckon, told

ARRIVES, BUSY_ONCE, NOT_IN_SERVICE = "+15552000024", "+15552000101", "+15552000008"
DOCUMENT = b"%PDF the document"
DELIVERED = Told("<a.1@gateway>", "a", ARRIVES, "delivered")


def a_job(token: str = "a-1", to: str = ARRIVES, dialling: int = 1, document: bytes = DOCUMENT) -> Job:
    """A fax that FAX.PLUS had, and that ended as its number says."""
    order = Order.model_validate({"from": "+12025550100", "to": (to,), "files": ("x",), "comment": Comment(text=token)})
    upload = Upload(path="x", name="x", media_type="application/pdf", content=document, pages=1, uploaded_at=0.0)
    end = ending(to, dialling)
    attempt = Attempt(fax_id=token, number=1, ending=end, pages=1, duration=1.0, started_at=0.0, file="x", ended_at=1.0)
    return Job(
        id=token,
        src="+12025550100",
        to=to,
        order=order,
        retry=Retry(),
        documents=(upload,),
        pages=1,
        created_at=0.0,
        visible_at=0.0,
        attempts=[attempt],
        ended_at=1.0,
    )


def judged(jobs: Sequence[Job], mails: Sequence[Told], number: str = ARRIVES, *, acknowledged: bool = True) -> set[str]:
    """The promises that are broken for one mail to one number; twice confirmed is one too many here."""
    letter = Letter("<1@example.org>", (number,), DOCUMENT, acknowledged=acknowledged)
    figures = reckon([letter], jobs, mails)
    return figures.broken.keys() | ({"confirmed_twice"} if figures.confirmed_twice else set())


@pytest.mark.parametrize(
    ("jobs", "mails", "number"),
    [
        ([a_job()], [DELIVERED], ARRIVES),
        (
            [a_job(to=BUSY_ONCE), a_job("a-2", BUSY_ONCE, 2)],
            [DELIVERED._replace(number=BUSY_ONCE)],
            BUSY_ONCE,
        ),
        (
            [a_job("a-1", NOT_IN_SERVICE), a_job("b-1", NOT_IN_SERVICE)],
            [
                Told("<a.1@gateway>", "a", NOT_IN_SERVICE, "failed"),
                Told("<b.1@gateway>", "b", NOT_IN_SERVICE, "failed"),
            ],
            NOT_IN_SERVICE,
        ),
    ],
    ids=["arrived", "arrived the second time", "tried again after it had failed"],
)
def test_all_is_well(jobs: list[Job], mails: list[Told], number: str) -> None:
    """Nothing is called broken that is not."""

    assert set() == judged(jobs, mails, number)


@pytest.mark.parametrize(
    ("jobs", "mails", "broken"),
    [
        ([], [DELIVERED._replace(state="failed")], {"lost"}),
        ([], [], {"lost", "unconfirmed"}),
        ([a_job(document=b"another one's")], [DELIVERED], {"lost"}),
        ([a_job(), a_job()], [DELIVERED], {"twice"}),
        ([a_job(), a_job("a-2")], [DELIVERED], {"twice"}),
        ([a_job(), a_job("b-1")], [DELIVERED, Told("<b.1@gateway>", "b", ARRIVES, "delivered")], {"twice"}),
        ([a_job()], [], {"unconfirmed"}),
        ([a_job()], [DELIVERED._replace(state="failed")], {"untrue"}),
        ([a_job()], [DELIVERED, DELIVERED._replace(message_id="<a.2@gateway>")], {"told_apart"}),
        ([a_job()], [DELIVERED, DELIVERED], {"confirmed_twice"}),
    ],
)
def test_broken_promises_are_found(jobs: list[Job], mails: list[Told], broken: set[str]) -> None:
    """Each kind is called by its name."""

    assert broken == judged(jobs, mails)


def test_what_was_never_acknowledged_may_be_missing() -> None:
    """Its client still has it; but if it was faxed, it is told."""

    assert set() == judged([], [], acknowledged=False)
    assert {"unconfirmed"} == judged([a_job()], [], acknowledged=False)


def test_delivered_though_nothing_arrived_is_untrue() -> None:
    """A number that is not in service cannot have got it."""
    mail = Told("<a.1@gateway>", "a", NOT_IN_SERVICE, "delivered")

    assert {"untrue"} == judged([a_job(to=NOT_IN_SERVICE)], [mail], NOT_IN_SERVICE)


def test_the_same_confirmation_twice_is_borne_when_it_is_rare() -> None:
    """One in a hundred, plus one."""
    letters = [Letter(f"<{n}@example.org>", (f"+1555{2000 + n}024",), DOCUMENT, acknowledged=True) for n in range(100)]
    jobs = [a_job(f"f{n}-1", letter.numbers[0]) for n, letter in enumerate(letters)]
    mails = [Told(f"<f{n}.1@gateway>", f"f{n}", letter.numbers[0], "delivered") for n, letter in enumerate(letters)]

    assert {} == reckon(letters, jobs, mails + mails[:2]).broken
    assert {"confirmed_twice"} == reckon(letters, jobs, mails + mails[:3]).broken.keys()


def test_courses() -> None:
    """Read off the simulator's own table."""

    assert [SUCCESS.status] == course(ARRIVES)
    assert ["failed_user_busy", SUCCESS.status] == course(BUSY_ONCE)
    assert ["failed_unallocated_number"] == course(NOT_IN_SERVICE)
    assert ["insufficient_credit", SUCCESS.status] == course("+15552000121")


def test_only_final_confirmations_count() -> None:
    """That a fax is late, or mail to the operator, says nothing about its end."""
    mails = [
        Mail(
            "",
            ("a@example.org",),
            b"Message-ID: <1@x>\r\nX-Fax-Id: a\r\nX-Fax-Number: +1\r\nX-Fax-State: queued\r\n\r\n",
        ),
        Mail(
            "",
            ("a@example.org",),
            b"Message-ID: <2@x>\r\nX-Fax-Id: a\r\nX-Fax-Number: +1\r\nX-Fax-State: failed\r\n\r\n",
        ),
        Mail("", ("operator@example.org",), b"Message-ID: <3@x>\r\n\r\n"),
    ]

    assert [Told("<2@x>", "a", "+1", "failed")] == told(mails)
