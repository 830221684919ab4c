"""The gateway's mails: byte for byte in `tests/data/notices/`, and correct whatever a stranger's mail says.

After a wanted change of the wording, `REWRITE_NOTICES=1 pytest tests/test_notice.py` writes the files anew; read the
difference as the recipient would.
"""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import notice as notices
from gateway.event import Refused
from gateway.fax import FINAL, Change, Fax, State
from gateway.notice import Composer, Manner, Original, Story
from gateway.submission import Fragment, Kind, LeftOut, NoticeKind, Submission
from tests.histories import (
    ACCEPTED,
    BUSY,
    CANCELLED,
    CLAIMED,
    CUT_OFF,
    DEFERRED,
    DELIVERED,
    GIVEN_UP,
    NOT_SEEN,
    NOT_THERE,
    REFUSED,
    RESENT,
    STILL_BUSY,
    STILL_SENDING,
    STRANGE_WORD,
    UNPAID,
    WRONG_NUMBER,
    lived,
)
from tests.second_parser import read_by_hand
from tests.values import NOW, a_document, a_fax, a_notice, a_submission

GOLDEN = Path(__file__).parent / "data" / "notices"
SENT = (CLAIMED, ACCEPTED, STILL_SENDING)
FROM = {"sender": "postmaster@fax.local", "own_name": "fax.local"}
LIBRARY = notices.Library()
FIVE = (a_document(pages=5),)
LANGUAGES = ("en", "de", "fr", "es")

HOSTILE = a_submission(
    subject="=?utf-8?q?ok?= \r\nBcc: all@example.org\x00 \u202egpj.exe " + "x" * 10_000,
    message_id="<1@example.org>\r\nBcc: all@example.org",
    left_out=(LeftOut("\ud800\nX-Fax-State: delivered", "because\r\n\r\nof you"),),
    documents=(a_document(name="../../etc/passwd\r\n.\r\n\u2066"), a_document(name="")),
)
FOREIGN = a_submission(
    subject="Überweisung für Zoë — übermorgen fällig, bitte um Rückruf wegen der Prüfung 👍",
    documents=(a_document(name="Gebühren 2027.pdf"), a_document(name="発注書.tif", kind=Kind.TIFF, pages=1)),
    references="<0@example.org> <junk> <00@example.org>",
)
MACHINE = a_submission(subject="", message_id="", confirm_to="front-desk@example.org", left_out=())
TELLTALE = Refused(reason="FAX.PLUS answers 400: +1 (202) 555-0123 is not allowed")
RETURNED = Original(
    b"From: Alice <alice@example.org>\r\nTo: <12025550123@fax.local>\r\nSubject: Invoice\r\n 17\r\n"
    b"Message-ID: <1@example.org>\r\n\r\nPlease find a letter attached.\r\n",
    whole=False,
)
ORIGINAL = (
    b"From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.org>\r\nTo: postmaster@fax.local\r\n"
    b"Subject: your confirmations\r\n\r\nThey arrive twice.\xff\r\n.\r\nbare\nline feeds\r\n"
)


def composer(**manner: Any) -> Composer:
    """Somebody who writes mails, in this manner."""
    return Composer(LIBRARY, Manner(sender=FROM["sender"], own_name=FROM["own_name"], **manner))


def outcome(submission: Submission, *events: Any, **changed: Any) -> EmailMessage:
    """The confirmation for a fax to which these events happened."""
    fax, history = lived(*events, **changed)
    original = None if submission.discreet else RETURNED
    return composer().outcome(a_notice(), submission, [Story(fax=fax, changes=history)], original=original)


def late(submission: Submission, *events: Any, **changed: Any) -> EmailMessage:
    """The mail that says that a fax takes long, to which these events happened."""
    fax, history = lived(*events, **changed)
    notice = a_notice(id="f1.late", kind=NoticeKind.LATE)
    return composer().late(notice, submission, [Story(fax=fax, changes=history, until=fax.queued_at + 86_400)])


def stories(*lives: tuple[Any, ...], **changed: Any) -> list[Story]:
    """Faxes of one mail to different numbers, and what happened to each."""
    told = []
    for number, events in enumerate(lives):
        to = f"+1202555012{number}"
        fax, history = lived(*events, id=f"f{number}", number=to, recipient=f"{to}@fax.local", **changed)
        told.append(Story(fax=fax, changes=history, until=fax.queued_at + 86_400))
    return told


def accepted(submission: Submission, count: int) -> EmailMessage:
    """The mail that says that faxes are on their way."""
    faxes = [story.fax for story in stories(*[(CLAIMED,)] * count)]
    return composer().accepted(a_notice(id="s1.accepted", kind=NoticeKind.ACCEPTED), submission, faxes)


def together(submission: Submission, *lives: tuple[Any, ...], others: int = 0, **manner: Any) -> EmailMessage:
    """The confirmation for several faxes."""
    return composer(**manner).outcome(a_notice(), submission, stories(*lives), others=others, original=RETURNED)


def for_programs() -> EmailMessage:
    """A report in which everything was asked for."""
    wishes: dict[str, Any] = {
        "notify": "SUCCESS,FAILURE",
        "orcpt": "rfc822;FAX=+12025550123@fax.local",
        "by_at": NOW + 3600,
    }
    fax, history = lived(*SENT, DELIVERED, **wishes)
    asked = a_submission(envid="a+b", ret="HDRS")
    whole = Original(RETURNED.content, whole=True)
    told = [Story(fax=fax, changes=history, record=b"%PDF-1.4 a report\n")]
    return composer(json=True).outcome(a_notice(), asked, told, original=whole)


def returned_whole() -> EmailMessage:
    """A failure whose sender wants the mail back."""
    fax, history = lived(*SENT, WRONG_NUMBER)
    whole = Original(RETURNED.content, whole=True)
    return composer().outcome(a_notice(), a_submission(ret="FULL"), [Story(fax=fax, changes=history)], original=whole)


def receipt() -> EmailMessage:
    """A receipt for a device that asks for one."""
    fax, history = lived(*SENT, DELIVERED)
    asks = a_submission(receipt_to="Alice@example.org")
    return composer(receipts=True).outcome(a_notice(), asks, [Story(fax=fax, changes=history)])


DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
"""A picture of one point, PNG."""


def with_its_first_page(submission: Submission, *events: Any) -> EmailMessage:
    """A confirmation that shows what was faxed."""
    fax, history = lived(*events)
    return composer().outcome(a_notice(), submission, [Story(fax=fax, changes=history)], picture=DOT, original=RETURNED)


def stranded(submission: Submission, *numbers: int, total: int) -> EmailMessage:
    """The mail that says that of the pieces of another only these came."""
    pieces = [Fragment(whole="a" * 64, number=number, total=total) for number in numbers]
    notice = a_notice(id="s1.pieces", kind=NoticeKind.PIECES, fax_id=None)
    return composer().pieces(notice, replace(submission, documents=(), left_out=()), pieces)


TOLD: dict[str, Callable[[Submission], EmailMessage]] = {
    "delivered": lambda mail: outcome(mail, *SENT, DELIVERED),
    "delivered-at-the-second-attempt": lambda mail: outcome(mail, *SENT, BUSY, *SENT, DELIVERED),
    "delivered-fewer-pages-counted": lambda mail: outcome(replace(mail, documents=FIVE), *SENT, DELIVERED),
    "delivered-more-pages-counted": lambda mail: outcome(mail, *SENT, replace(DELIVERED, pages=3)),
    "failed-busy": lambda mail: outcome(mail, *SENT, BUSY, *SENT, BUSY, *SENT, STILL_BUSY),
    "failed-wrong-number": lambda mail: outcome(mail, *SENT, WRONG_NUMBER),
    "failed-partly-sent": lambda mail: outcome(replace(mail, documents=FIVE), *SENT, CUT_OFF),
    "failed-after-resending": lambda mail: outcome(mail, *SENT, WRONG_NUMBER, RESENT, *SENT, STILL_BUSY),
    "unknown-word-of-fax-plus": lambda mail: outcome(mail, *SENT, STRANGE_WORD),
    "unknown-while-sending": lambda mail: outcome(mail, *SENT, GIVEN_UP),
    "unknown-after-a-lost-answer": lambda mail: outcome(mail, CLAIMED, NOT_SEEN, GIVEN_UP),
    "given-up-never-taken": lambda mail: outcome(mail, *([CLAIMED, DEFERRED] * 80), CLAIMED, NOT_THERE, GIVEN_UP),
    "given-up-after-busy": lambda mail: outcome(mail, *SENT, BUSY, *([CLAIMED, DEFERRED] * 3), GIVEN_UP),
    "given-up-without-credit": lambda mail: outcome(mail, *SENT, UNPAID, *SENT, UNPAID, GIVEN_UP),
    "given-up-after-an-earlier-doubt": lambda mail: outcome(
        mail, CLAIMED, NOT_SEEN, GIVEN_UP, RESENT, CLAIMED, DEFERRED, GIVEN_UP
    ),
    "late-in-the-queue": lambda mail: late(mail, *SENT, BUSY, *([CLAIMED, DEFERRED] * 9)),
    "late-in-doubt": lambda mail: late(mail, CLAIMED, NOT_SEEN),
    "late-while-sending": lambda mail: late(mail, *SENT),
    "refused": lambda mail: outcome(mail, CLAIMED, REFUSED),
    "cancelled-in-the-queue": lambda mail: outcome(mail, CANCELLED),
    "cancelled-while-fax-plus-had-it": lambda mail: outcome(mail, *SENT, CANCELLED),
    "accepted": lambda mail: accepted(mail, 1),
    "gathered": lambda mail: together(mail, (*SENT, DELIVERED), (*SENT, BUSY, *SENT, WRONG_NUMBER), (*SENT, GIVEN_UP)),
    "gathered-all-delivered": lambda mail: together(mail, (*SENT, DELIVERED), (*SENT, DELIVERED)),
    "gathered-others-under-way": lambda mail: together(mail, (*SENT, STILL_BUSY), (CANCELLED,), others=2),
    "gathered-late": lambda mail: composer().late(a_notice(id="f1.late"), mail, stories(SENT, (CLAIMED, DEFERRED))),
    "gathered-accepted": lambda mail: accepted(mail, 3),
    "pieces-missing": lambda mail: stranded(mail, 1, 3, total=4),
    "pieces-missing-of-nobody-knows-how-many": lambda mail: stranded(mail, 1, total=0),
}
"""Everything that senders are told, in every language."""

DISCREET = a_submission(
    discreet=True,
    subject="HIV test",
    cover="HIV",
    documents=(a_document(name="hiv.pdf", repair='"hiv.pdf" was repaired'),),
)

MAILS: dict[str, Callable[[], EmailMessage]] = {
    **{
        f"{name}.{language}": partial(tell, a_submission(language=language))
        for name, tell in TOLD.items()
        for language in LANGUAGES
    },
    "delivered-from-a-machine": lambda: outcome(MACHINE, *SENT, DELIVERED),
    "delivered-in-other-scripts": lambda: outcome(FOREIGN, *SENT, replace(DELIVERED, pages=3)),
    "hostile": lambda: outcome(HOSTILE, *SENT, WRONG_NUMBER),
    "discreet-delivered": lambda: outcome(DISCREET, *SENT, DELIVERED),
    "discreet-failed": lambda: together(DISCREET, (*SENT, WRONG_NUMBER), (*SENT, DELIVERED), json=True),
    "discreet-pieces-missing": lambda: stranded(DISCREET, 2, total=3),
    "for-programs": for_programs,
    "returned-whole": returned_whole,
    "receipt": receipt,
    "delivered-with-its-first-page": lambda: with_its_first_page(a_submission(), *SENT, DELIVERED),
    "failed-with-its-first-page": lambda: with_its_first_page(a_submission(language="fr"), *SENT, WRONG_NUMBER),
    "discreet-without-its-first-page": lambda: with_its_first_page(DISCREET, *SENT, DELIVERED),
    "operator": lambda: notices.operator(
        a_notice(
            id="operator.faxplus-credit.20270115",
            kind=NoticeKind.OPERATOR,
            recipient="it@example.org",
            subject="Faxes are waiting: no credit at FAX.PLUS",
            text="FAX.PLUS has no credit left on the account.\n\n    fax-gateway list\n\nshows what waits.\n",
        ),
        **FROM,
    ),
    "forward": lambda: notices.forward(
        a_notice(id="s1.forward", kind=NoticeKind.FORWARD, recipient="it@example.org"), ORIGINAL, **FROM
    ),
}


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_byte_for_byte(name: str) -> None:
    """What the recipient gets is what was read and found good."""
    path = GOLDEN / f"{name}.eml"
    if "REWRITE_NOTICES" in os.environ:
        path.write_bytes(notices.to_bytes(MAILS[name]()))

    assert path.read_bytes() == notices.to_bytes(MAILS[name]())


def test_no_golden_mail_is_left_over() -> None:
    """Every file belongs to a case."""

    assert set(MAILS) == {path.stem for path in GOLDEN.iterdir()}


@pytest.mark.parametrize("name", MAILS)
def test_a_second_parser_reads_the_same(name: str) -> None:
    """Header fields, structure and text, read by our own scanner for incoming mail, which shares no code with email."""
    raw = (GOLDEN / f"{name}.eml").read_bytes()
    theirs = message_from_bytes(raw, policy=default)
    header, parts = read_by_hand(raw)

    assert [] == [defect for part in theirs.walk() for defect in part.defects]
    assert [name for name, _ in header] == list(theirs.keys())
    assert leaves(theirs) == parts


def leaves(mail: Message) -> list[str]:
    """The media types of all parts that have no parts of their own; what is inside a message is its own business."""
    if mail.get_content_maintype() != "multipart":
        return [mail.get_content_type()]
    return [leaf for part in mail.get_payload() for leaf in leaves(part)]  # type: ignore[arg-type]  # parts


def text_of(mail: EmailMessage) -> str:
    """What people without HTML read."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def every_part(mail: EmailMessage) -> str:
    """All of a mail, decoded: header, every part, every field of every report."""
    again = message_from_bytes(notices.to_bytes(mail), policy=default)
    texts = [str(part.get_content()) for part in again.walk() if part.get_content_maintype() == "text"]
    files = [part.get_payload(decode=True) for part in again.walk() if part.get_content_type() == "application/json"]
    header = "\n".join(f"{name}: {value}" for part in again.walk() for name, value in part.items())
    return "\n".join([header, *texts, *(str(file) for file in files)])


SECRETS = ("HIV", "hiv.pdf", "logo.png", "2025550123", "202-555-0123", "202 555 0123", "Ann.Lee", "letter")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notify", ["", "SUCCESS,FAILURE,DELAY"])
@pytest.mark.parametrize(
    "events",
    [(*SENT, DELIVERED), (*SENT, WRONG_NUMBER), (CLAIMED, TELLTALE), (*SENT, GIVEN_UP), SENT, (CLAIMED, NOT_SEEN)],
)
def test_discreet_mails_betray_nothing(language: str, notify: str, events: tuple[Any, ...]) -> None:
    """No subject, file name, or more than three digits of the number, in no header, part or report; also when late."""
    recipient = "FAX=+12025550123/ATTN=Ann.Lee@fax.local"
    fax, history = lived(*events, notify=notify, recipient=recipient, orcpt=f"rfc822;{recipient}")
    submission = replace(DISCREET, language=language, ret="FULL")
    notice, told = a_notice(), [Story(fax=fax, changes=history, until=NOW + 86_400, record=b"%PDF +12025550123")]
    original = Original(RETURNED.content.replace(b"Invoice", b"HIV"), whole=True)
    write = composer(json=True)
    mail = (write.outcome if fax.final else write.late)(notice, submission, told, original=original)
    shown = every_part(mail)

    assert "application/pdf" not in shown
    assert [] == [secret for secret in SECRETS if secret in shown]
    assert "...123" in shown


EVERYTHING = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "X-Auto-Response-Suppress",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Content-Language",
    "Auto-Submitted",
    "In-Reply-To",
    "References",
    "X-Fax-Submission",
    "X-Fax-Outcome",
    "X-Fax-Id",
    "X-Fax-State",
    "X-Fax-Number",
    "X-Fax-Status",
    "X-Fax-Attempts",
    "X-Fax-Pages",
    "X-Fax-Counted",
    "X-Fax-Duration",
    "X-Fax-Cost",
}
RETURN = {"message/rfc822", "text/rfc822-headers"}
LEAVES = [
    "multipart/report",
    "multipart/mixed",
    "multipart/alternative",
    "text/plain",
    "text/html",
    "application/json",
    "message/delivery-status",
]
ANYTHING = st.text(max_size=200) | st.text(
    st.characters(codec=None, categories=["Cc", "Cf", "Cs", "Zl", "Zp", "So", "Lo"])
)
BROKEN = st.sampled_from(
    ["=?utf-8?b?4oCu?=", "=?utf-8?q?=0D=0ABcc:_a=40b?= ", "=?x?", "\r\nBcc: a@b\r\n\r\n", "\x00", "x" * 900]
)
FOREIGN_WORDS = st.lists(ANYTHING | BROKEN, max_size=4).map("".join)


@given(
    subject=FOREIGN_WORDS,
    name=FOREIGN_WORDS,
    why=FOREIGN_WORDS,
    ids=FOREIGN_WORDS,
    reason=FOREIGN_WORDS,
    status=FOREIGN_WORDS,
    recipient=FOREIGN_WORDS,
)
@settings(max_examples=150, deadline=None)
def test_no_foreign_words_break_a_mail(
    subject: str, name: str, why: str, ids: str, reason: str, status: str, recipient: str
) -> None:
    """Whatever stands in a mail or in FAX.PLUS's answer: our fields alone, each once, subject and text as composed."""
    submission = a_submission(
        subject=subject,
        message_id=ids,
        references=ids,
        left_out=(LeftOut(name, why),),
        documents=(a_document(name=name),),
    )
    ended = replace(WRONG_NUMBER, status=status, reason=reason)
    fax, history = lived(*SENT, ended, recipient=name)
    fax = replace(fax, orcpt=f"rfc822;{name}")
    original = Original(f"Subject: {subject}\r\n\r\n{why}".encode("utf-8", "surrogatepass"), whole=True)
    told = [Story(fax=fax, changes=history)]
    mail = composer(json=True).outcome(a_notice(recipient=recipient), submission, told, original=original)
    raw = notices.to_bytes(mail)
    again = message_from_bytes(raw, policy=default)

    assert set(again.keys()) <= EVERYTHING
    assert len(set(again.keys())) == len(again.keys())
    assert [] == [defect for part in again.walk() for defect in part.defects if part.get_content_type() not in RETURN]
    assert LEAVES == [part.get_content_type() for part in again.walk()][: len(LEAVES)]
    assert str(mail["Subject"]) == str(again["Subject"])
    assert raw.isascii()
    assert not [line for line in raw.split(b"\r\n") if len(line) > 998 or b"\r" in line or b"\n" in line]
    assert text_of(mail) == text_of(again)


@given(original=st.binary(max_size=2000), subject=FOREIGN_WORDS)
@settings(max_examples=100, deadline=None)
def test_a_forwarded_mail_arrives_octet_for_octet(original: bytes, subject: str) -> None:
    """Whatever somebody wrote to postmaster@: the operator finds exactly that in the attachment."""
    written = b"Subject: " + subject.encode("utf-8", "surrogatepass") + b"\r\n" + original
    again = message_from_bytes(
        notices.to_bytes(notices.forward(a_notice(kind=NoticeKind.FORWARD), written, **FROM)), policy=default
    )
    text, attachment = again.iter_parts()

    assert written == attachment.get_content()
    assert "mail.eml" == attachment.get_filename()
    assert "text/plain" == text.get_content_type()
    assert again["Subject"].startswith("Mail to postmaster: ")


@given(subject=FOREIGN_WORDS, text=FOREIGN_WORDS)
@settings(max_examples=100, deadline=None)
def test_no_words_break_a_mail_to_the_operator(subject: str, text: str) -> None:
    """What FAX.PLUS or a relay said may stand in it."""
    mail = notices.operator(a_notice(kind=NoticeKind.OPERATOR, subject=subject, text=text), **FROM)
    again = message_from_bytes(notices.to_bytes(mail), policy=default)

    assert set(again.keys()) <= EVERYTHING
    assert str(mail["Subject"]) == str(again["Subject"])
    assert mail.get_content() == again.get_content().replace("\r\n", "\n")


class Tags(HTMLParser):
    """The tags of a page, and where it would fetch something from."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


OURS = {"html", "head", "meta", "title", "style", "body", "table", "tr", "th", "td", "div", "h1", "p", "br", "span"}


@given(
    words=FOREIGN_WORDS
    | st.sampled_from(["<script>", "<img src=x onerror=y>", '" onload="', "</td>", "{{ 1 }}", "&#0;"])
)
@settings(max_examples=60, deadline=None)
def test_html_fetches_nothing_and_has_no_tags_but_ours(words: str) -> None:
    """Foreign words stay words, whatever they are made of; nothing is loaded from anywhere."""
    submission = a_submission(subject=words, documents=(a_document(name=words, repair=words),))
    told = stories((CLAIMED, replace(REFUSED, reason=words)), (*SENT, replace(STRANGE_WORD, status=words)))
    body = composer().outcome(a_notice(), submission, told).get_body(("html",))
    assert body is not None
    html = body.get_content()
    page = Tags()
    page.feed(html)

    assert page.tags <= OURS
    assert set() == page.attributes & {"src", "href", "background", "srcset", "onload", "onerror"}
    assert "url(" not in html.partition("</style>")[0]
    assert "@import" not in html.partition("</style>")[0]


def test_the_picture_comes_with_the_mail() -> None:
    """What the page shows is a part of the mail, by its Content-ID (RFC 2392); nothing else is named as a source."""
    mail = message_from_bytes(notices.to_bytes(with_its_first_page(a_submission(), *SENT, DELIVERED)), policy=default)
    body = mail.get_body(("html",))
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert isinstance(body, EmailMessage)

    assert [f"cid:{picture['Content-ID'].strip('<>')}"] == re.findall(r"src=\W?([^\s\"]+)", body.get_content())
    assert DOT == picture.get_payload(decode=True)
    assert "inline" == picture.get_content_disposition()


def test_a_template_without_it_gets_no_picture(tmp_path: Path) -> None:
    """Or it would hang at the end of the mail, as if somebody had attached it."""
    (tmp_path / "mail.html").write_text("<p>{{ page.sentence }}</p>")
    fax, history = lived(*SENT, DELIVERED)
    write = Composer(notices.Library(tmp_path), Manner(sender=FROM["sender"], own_name=FROM["own_name"]))
    mail = write.outcome(a_notice(), a_submission(), [Story(fax=fax, changes=history)], picture=DOT)

    assert ["multipart/alternative", "text/plain", "text/html"] == [part.get_content_type() for part in mail.walk()]


def ended(state: State, status: str) -> tuple[Fax, list[Change]]:
    """A fax that ended so, with no more history than that."""
    return a_fax(state=state, status=status, due_at=None, ended_at=0.0), []


@pytest.mark.parametrize("state", sorted(FINAL - {State.DELIVERED}))
@pytest.mark.parametrize("status", ["", "success", "failed", "unknown", "partially_sent", "delivered", "in_progress"])
def test_delivered_is_said_of_delivered_faxes_alone(state: State, status: str) -> None:
    """Whatever FAX.PLUS's last word: only the state speaks of success."""
    fax, history = ended(state, status)
    mail = composer().outcome(a_notice(), a_submission(subject=""), [Story(fax=fax, changes=history)])
    first_line = text_of(mail).splitlines()[0]

    assert "delivered" not in mail["Subject"].lower()
    assert "was delivered" not in first_line
    assert state == mail["X-Fax-State"]


def test_a_fax_that_has_not_ended_has_no_outcome() -> None:
    """Nobody can be told how it ended."""
    fax, history = lived(*SENT)

    with pytest.raises(ValueError, match="has not ended"):
        composer().outcome(a_notice(), a_submission(), [Story(fax=fax, changes=history)])


PLAIN = [name for name in MAILS if name not in {"forward", "hostile", "for-programs"}]


@pytest.mark.parametrize("name", PLAIN)
def test_mails_are_small(name: str) -> None:
    """RFC 3834 section 2: an answer should not be larger than it must; three quarters of this are the looks."""

    assert (GOLDEN / f"{name}.eml").stat().st_size < 16_000
