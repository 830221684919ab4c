"""The parts of a report that machines read: what became of each fax (RFC 3464), or that it was faxed (RFC 8098).

They have no folding and no encoded words: every field is one line of ASCII.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import Message, MIMEPart

from gateway.fax import UNKNOWN, Recipient, State
from gateway.notice import code, wishes
from gateway.notice.mail import PLAIN
from gateway.notice.plain import verbatim
from gateway.notice.story import Story
from gateway.submission import Submission

REMOTE = "x-faxplus; restapi.fax.plus"
AGENT = "fax-gateway"


def delivery_status(submission: Submission, stories: Sequence[Story], *, own_name: str, at: float) -> MIMEPart:
    """Write message/delivery-status (RFC 3464 section 2): fields about the mail, then a group for each recipient."""
    whole = [("Reporting-MTA", reporting_mta(own_name)), ("Arrival-Date", date(submission.received_at))]
    if submission.hold:  # RFC 4865 section 5.1.2
        whole.append(("Future-Release-Request", submission.hold))
    if submission.envid:
        whole.insert(0, ("Original-Envelope-Id", submission.envid))
    groups = [_group(story, recipient, at) for story in stories for recipient in wishes.listed(story.fax)]
    return _fields("delivery-status", [whole, *groups])


def disposition(submission: Submission, story: Story, *, own_name: str) -> MIMEPart:
    """Write message/disposition-notification (RFC 8098 section 3): dispatched, which names faxing."""
    fields = [("Reporting-UA", f"{own_name}; {AGENT}")]
    if story.fax.orcpt:
        fields.append(("Original-Recipient", _typed(story.fax.orcpt)))
    fields.append(("Final-Recipient", f"rfc822; {story.fax.recipient}"))
    if submission.message_id:
        fields.append(("Original-Message-ID", submission.message_id))
    fields.append(("Disposition", "automatic-action/MDN-sent-automatically; dispatched"))
    return _fields("disposition-notification", [fields])


def reporting_mta(own_name: str) -> str:
    """A name without a dot is none that DNS knows (RFC 3461 section 6.3)."""
    return f"{'dns' if '.' in own_name else 'x-local-hostname'}; {own_name}"


def date(at: float) -> str:
    """Write a time with a numeric zone (RFC 5322 section 3.3)."""
    return datetime.fromtimestamp(at, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")


def _group(story: Story, recipient: Recipient, at: float) -> list[tuple[str, str]]:
    """The fields about one recipient and its fax (RFC 3464 section 2.3)."""
    fax, tried = story.fax, story.tried
    optional = {
        "Remote-MTA": REMOTE if _theirs(fax.status) else "",
        "Diagnostic-Code": f"x-faxplus; {fax.status}" if _theirs(fax.status) else "",
        "Last-Attempt-Date": date(tried[-1].ended) if tried else "",
        "Final-Log-ID": fax.remote_ids[-1] if fax.remote_ids else "",
        "Will-Retry-Until": "" if fax.final or story.until is None else date(story.until),
        "Deliver-By-Date": "" if fax.by_at is None else date(fax.by_at),
        "X-Fax-Id": fax.id,
        "X-Fax-Number": fax.number,
        "X-Fax-Counted": "" if fax.pages is None else str(fax.pages),
    }
    return [
        *([("Original-Recipient", _typed(recipient.orcpt))] if recipient.orcpt else []),
        ("Final-Recipient", f"rfc822; {recipient.address}"),
        ("Action", code.action(fax)),
        ("Status", code.status(story, at)),
        *((name, value) for name, value in optional.items() if value),
    ]


def _theirs(status: str) -> bool:
    """Whether it is a word of FAX.PLUS, and not one of ours."""
    return status not in {"", UNKNOWN}


def _typed(orcpt: str) -> str:
    kind, _, address = orcpt.partition(";")
    return f"{kind.strip()}; {address.strip()}"


def _fields(subtype: str, groups: Sequence[Sequence[tuple[str, str]]]) -> MIMEPart:
    part = MIMEPart(policy=PLAIN)
    part["Content-Type"] = f"message/{subtype}"
    part["Content-Transfer-Encoding"] = "7bit"
    blocks: list[Message | str] = []
    for group in groups:
        block = MIMEPart(policy=PLAIN)
        for name, value in group:
            block[name] = verbatim(value)
        blocks.append(block)
    part.set_payload(blocks)
    return part


def failed(stories: Sequence[Story]) -> bool:
    """Whether any of these did not arrive; then the sender may want the whole mail back (RFC 3461 section 4.3)."""
    return any(story.fax.final and story.fax.state is not State.DELIVERED for story in stories)
