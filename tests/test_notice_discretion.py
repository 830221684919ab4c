"""Discreet mails are written from records in which nothing is left to betray."""

import pytest

from gateway.fax import Recipient
from gateway.notice import Story
from gateway.notice.discretion import masked, of_fax, of_mail, of_story, without_number
from gateway.submission import LeftOut
from tests.histories import CLAIMED, REFUSED, lived
from tests.values import a_document, a_fax, a_submission


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("+12025550123 is not allowed", "...123 is not allowed"),
        ("12025550123 is not allowed", "...123 is not allowed"),
        ("+1 (202) 555-0123: no", "...123: no"),
        ("1.202.555.0123/x", "...123/x"),
        ("number +1202555012", "number +1202555012"),
        ("nothing here", "nothing here"),
        ("", ""),
    ],
)
def test_no_number_in_foreign_words(words: str, left: str) -> None:
    """However its digits are grouped."""

    assert left == without_number(words, "+12025550123")


@pytest.mark.parametrize(
    ("recipient", "left"),
    [
        ("12025550123@fax.local", "...123@fax.local"),
        ("FAX=+12025550123/ATTN=Ann.Lee@fax.local", "...123@fax.local"),
        ('"(202) 555-0123"@fax.local', "...123@fax.local"),
    ],
)
def test_nobody_in_an_address(recipient: str, left: str) -> None:
    """Neither the number nor whom the fax is for."""
    written = (Recipient(recipient, "FAILURE", f"rfc822;{recipient}"),)
    fax = of_fax(a_fax(number="+12025550123", recipient=recipient, orcpt=f"rfc822;{recipient}", written=written))

    assert ("...123", left, f"rfc822;{left}") == (fax.number, fax.recipient, fax.orcpt)
    assert (Recipient(left, "FAILURE", f"rfc822;{left}"),) == fax.written
    assert "" == of_fax(a_fax()).orcpt


def test_no_subject_and_no_names() -> None:
    """Pages, kinds and reasons stay; a reason that quotes a name quotes it no more."""
    mail = of_mail(
        a_submission(
            documents=(a_document(name="hiv.pdf", repair="hiv.pdf was repaired"),),
            left_out=(LeftOut("hiv.docx", "hiv.docx is no document"), LeftOut("", "a picture")),
        )
    )

    assert ("", [("", "", 2)]) == (mail.subject, [(one.name, one.repair, one.pages) for one in mail.documents])
    assert (LeftOut("", "... is no document"), LeftOut("", "a picture")) == mail.left_out


def test_no_number_in_a_history() -> None:
    """FAX.PLUS may have named it in a refusal."""
    fax, history = lived(CLAIMED, type(REFUSED)(reason="+12025550123 is blocked"))
    story = of_story(Story(fax=fax, changes=history, record=b"%PDF"))

    assert (None, "...123 is blocked", "...123 is blocked") == (
        story.record,
        story.fax.reason,
        story.changes[-1].reason,
    )


def test_very_short_numbers() -> None:
    """There are none, but nothing breaks over one."""

    assert "...12" == masked("12")
