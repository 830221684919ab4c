"""Writes the mails about faxes: the human part in text and HTML, and around it what programs want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from email.message import EmailMessage, MIMEPart

from gateway.fax import Fax
from gateway.notice import discretion, fields, report, returned, wishes
from gateway.notice.human import attachment, human
from gateway.notice.library import Library
from gateway.notice.mail import atom, join, letter, reply_to
from gateway.notice.page import Page, Told, in_order, page
from gateway.notice.pieces import page_of
from gateway.notice.plain import cut
from gateway.notice.returned import Original
from gateway.notice.story import Story
from gateway.notice.verdict import Verdict, accepted, not_yet, verdict
from gateway.notice.words import Words
from gateway.submission import Fragment, Notice, Submission

LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the mails are written, as the configuration wants it."""

    sender: str  #: From address; answers to it must reach a human being (RFC 3834 section 3.1.1)
    own_name: str  #: right side of the Message-ID, and the name of the reporting MTA
    json: bool = False  #: whether a part for programs is attached
    receipts: bool = False  #: whether who asks for a receipt (RFC 8098) gets one
    zone: tzinfo = UTC  #: in which times are told
    zones: Mapping[str, tzinfo] = field(default_factory=dict)  #: the same, of sender rules that have their own


class Composer:
    """Writes mails about faxes. The same arguments make the same mail."""

    def __init__(self, library: Library, manner: Manner) -> None:
        self._library = library
        self._manner = manner

    def outcome(
        self,
        notice: Notice,
        submission: Submission,
        stories: Sequence[Story],
        *,
        original: Original | None = None,
        picture: bytes | None = None,
        others: int = 0,
    ) -> EmailMessage:
        """Compose the confirmation for faxes of one mail that have ended.

        Args:
            notice: the mail that is owed.
            submission: the mail that the faxes came from.
            stories: the faxes, one or several, ended, and all that happened to them.
            original: the sender's mail, if it is still there.
            picture: of the first page, PNG, where it is shown.
            others: faxes of the same mail that have not ended.

        Raises:
            ValueError: one has not ended.
        """
        ended = [story.fax.ended_at for story in stories if story.fax.ended_at is not None]
        if not stories or len(ended) < len(stories):
            raise ValueError(f"a fax of notice {notice.id} has not ended")
        return self._written(
            notice, submission, stories, at=max(ended), original=original, picture=picture, others=others
        )

    def late(
        self,
        notice: Notice,
        submission: Submission,
        stories: Sequence[Story],
        *,
        original: Original | None = None,
        picture: bytes | None = None,
    ) -> EmailMessage:
        """Compose the mail that says that faxes take longer than expected, and what happens next.

        It is dated when the notice became owed. The stories say until when we try (`until`).
        """
        return self._written(notice, submission, stories, at=notice.created_at, original=original, picture=picture)

    def accepted(
        self, notice: Notice, submission: Submission, faxes: Sequence[Fax], *, picture: bytes | None = None
    ) -> EmailMessage:
        """Compose the mail that says that faxes were taken on; never a report, as nothing happened to them yet."""
        stories = [Story(fax=fax, changes=()) for fax in faxes]
        return self._written(notice, submission, stories, at=notice.created_at, picture=picture, begun=True)

    def pieces(self, notice: Notice, submission: Submission, pieces: Sequence[Fragment]) -> EmailMessage:
        """Compose the mail that says that pieces of a mail stayed away; nothing of it was faxed.

        Args:
            notice: the mail that is owed.
            submission: the piece that came first.
            pieces: which ones came.
        """
        words = self._words(submission)
        told = discretion.of_mail(submission) if submission.discreet else submission
        shown = page_of(told, pieces, words, own_name=self._manner.own_name)
        mail = self._begun(notice, told, shown, words, notice.created_at)
        _become(mail, human(self._library, shown, atom(notice.id), [], None))
        return mail

    def _written(
        self,
        notice: Notice,
        submission: Submission,
        stories: Sequence[Story],
        *,
        at: float,
        original: Original | None = None,
        picture: bytes | None = None,
        others: int = 0,
        begun: bool = False,
    ) -> EmailMessage:
        words, boundary = self._words(submission), atom(notice.id)
        if submission.discreet:
            submission, stories = discretion.of_mail(submission), [discretion.of_story(story) for story in stories]
            picture = None
        told = in_order([Told(story, _says(story, submission, words, begun=begun)) for story in stories])
        seen = "" if picture is None else f"page.{boundary}@{self._manner.own_name}"
        shown = page(submission, told, words, own_name=self._manner.own_name, others=others, picture=seen)
        mail = self._begun(notice, submission, shown, words, at, told)
        read = human(self._library, shown, boundary, self._attached(submission, told), picture)
        reported = [] if begun else [one.story for one in told if wishes.reported(one.story.fax)]
        if reported:
            self._report(mail, notice, submission, reported, read, original, at)
        elif not begun and self._receipt(submission, told):
            parts = [read, report.disposition(submission, told[0].story, own_name=self._manner.own_name)]
            join(mail, parts, "report; report-type=disposition-notification", f"{boundary}.0")
        else:
            _become(mail, read)
        return mail

    def _words(self, submission: Submission) -> Words:
        """The language and the zone that the sender rule names."""
        manner = self._manner
        return self._library.words(submission.language, manner.zones.get(submission.rule, manner.zone))

    def _begun(
        self, notice: Notice, submission: Submission, shown: Page, words: Words, at: float, told: Sequence[Told] = ()
    ) -> EmailMessage:
        """An automatic answer to the sender's mail (RFC 3834), but for its content."""
        subject = words.about(shown.headline, shown.about) if shown.about else shown.headline
        if submission.subject.strip():
            subject += f" - {cut(submission.subject, LONGEST_SUBJECT)}"
        manner = self._manner
        mail = letter(
            notice,
            sender=manner.sender,
            own_name=manner.own_name,
            at=at,
            subject=subject,
            language=shown.language,
        )
        mail["Auto-Submitted"] = "auto-replied"
        reply_to(mail, submission.message_id, submission.references)
        for name, value in fields.header(submission, told):
            mail[name] = value
        return mail

    def _attached(self, submission: Submission, told: Sequence[Told]) -> list[MIMEPart]:
        """The facts for programs, and FAX.PLUS's own reports, as far as they are wanted."""
        facts_ = [attachment("fax.json", fields.as_json(submission, told).encode("ascii"))] if self._manner.json else []
        stories = [one.story for one in told]
        records = [
            attachment(f"report-{story.fax.id}.pdf", story.record) for story in stories if story.record is not None
        ]
        return [*facts_, *records]

    def _report(
        self,
        mail: EmailMessage,
        notice: Notice,
        submission: Submission,
        stories: Sequence[Story],
        read: MIMEPart,
        original: Original | None,
        at: float,
    ) -> None:
        """Make it a report (RFC 6522): for people, for programs, and what it is about."""
        status = report.delivery_status(submission, stories, own_name=self._manner.own_name, at=at)
        parts = [read, status]
        if original is not None:
            wanted = original if report.failed(stories) else replace(original, whole=False)
            parts.append(returned.part(wanted, discreet=submission.discreet))
        join(mail, parts, "report; report-type=delivery-status", f"{atom(notice.id)}.0")

    def _receipt(self, submission: Submission, told: Sequence[Told]) -> bool:
        """Whether a receipt takes the place of the confirmation (RFC 8098 section 2.1)."""
        asked = submission.receipt_to.lower() == submission.sender.lower() != ""
        return self._manner.receipts and asked and len(told) == 1


def _says(story: Story, submission: Submission, words: Words, *, begun: bool) -> Verdict:
    total = submission.pages
    if begun:
        return accepted(story.fax, total, words)
    if story.fax.final:
        return verdict(story, total, words)
    return not_yet(story.fax, story.until or 0.0, words)


def _become(mail: EmailMessage, part: MIMEPart) -> None:
    """Make a part's content the mail's own."""
    mail["Content-Type"] = str(part["Content-Type"])
    mail.set_payload(part.get_payload())
