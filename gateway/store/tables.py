"""The tables, as the newest migration leaves them (a test compares). Times are seconds since the epoch, UTC."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

METADATA = MetaData()

SUBMISSIONS = Table(
    "submissions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("sender", Text, nullable=False),
    Column("confirm_to", Text),
    Column("rule", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("references", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("quiet", Boolean, nullable=False),
    Column("received_at", Double, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", String(64), nullable=False, server_default=""),
    Column("hold", Text, nullable=False, server_default=""),
    Column("envid", Text, nullable=False, server_default=""),
    Column("ret", String(4), nullable=False, server_default=""),
    Column("receipt_to", Text, nullable=False, server_default=""),
    Column("from_number", String(20), nullable=False, server_default=""),
    Column("language", String(8), nullable=False, server_default="en"),
    Column("discreet", Boolean, nullable=False, server_default=false()),
    Column("cover", Text, nullable=False, server_default=""),
    Column("left_out", JSON, nullable=False),
    Column("spooled", Boolean, nullable=False),  # whether its mail still lies in the spool
    Index("submissions_spooled", "received_at", sqlite_where=text("spooled"), postgresql_where=text("spooled")),
    Index("submissions_received_at", "received_at"),
    Index("submissions_content", "content", "received_at"),
)

DOCUMENTS = Table(
    "documents",
    METADATA,
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("encoding", String(20), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("repair", Text, nullable=False, server_default=""),
    Column("remote_path", Text),
    Column("uploaded_at", Double),
)

FAXES = Table(
    "faxes",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", String(20), nullable=False, index=True),
    Column("recipient", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("due_at", Double),
    Column("version", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("redials", Integer, nullable=False),
    Column("deferrals", Integer, nullable=False),
    Column("claimed_at", Double),
    Column("looks", Integer, nullable=False),
    Column("asks", Integer, nullable=False),
    Column("remote_ids", JSON, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("pages", Integer),
    Column("duration", Double),
    Column("cost", Double),
    Column("created_at", Double, nullable=False, index=True),
    Column("queued_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("late_at", Double),
    Column("notify", String(32), nullable=False, server_default=""),
    Column("orcpt", Text, nullable=False, server_default=""),
    Column("by_at", Double),
    Column("by_mode", String(1), nullable=False, server_default=""),
    Column("written", JSON, nullable=False, server_default="[]"),
    Index("faxes_due", "state", "due_at"),
)

# Every id that FAX.PLUS ever gave any dialling of a fax, so that a webhook finds its fax at once.
REMOTE_IDS = Table(
    "remote_ids",
    METADATA,
    Column("remote_id", String(200), primary_key=True),
    Column("fax_id", ForeignKey("faxes.id", ondelete="CASCADE"), primary_key=True, index=True),
)

CHANGES = Table(
    "changes",
    METADATA,
    Column("fax_id", ForeignKey("faxes.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("event", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

NOTICES = Table(
    "notices",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("fax_id", ForeignKey("faxes.id", ondelete="CASCADE"), index=True),
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), index=True),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double, index=True),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("sent_at", Double),
    Column("mail", String(64), nullable=False, server_default=""),
    Index("notices_recipient", "recipient", "sent_at"),
)

# What counts against quotas: one row for each fax that was accepted while there were any.
USAGE = Table(
    "usage",
    METADATA,
    Column("fax_id", ForeignKey("faxes.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Double, nullable=False),
    Column("rule", Text, nullable=False),
    Column("number", String(20), nullable=False),
    Column("pages", Integer, nullable=False),
    Index("usage_all", "at", "pages"),
    Index("usage_rule", "rule", "at", "pages"),
    Index("usage_number", "number", "at", "pages"),
)

# What was spent in a day ("2026-11-24") or a month ("2026-11"), with what is set aside for faxes under way.
SPENT = Table(
    "spent",
    METADATA,
    Column("period", String(10), primary_key=True),
    Column("amount", Double, nullable=False),
)

# What is set aside for a dialling until FAX.PLUS says what it did cost.
SET_ASIDE = Table(
    "set_aside",
    METADATA,
    Column("fax_id", ForeignKey("faxes.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("amount", Double, nullable=False),
)

# Pieces of mails that were split by their size (RFC 2046 section 5.2.2). `joined` is empty while it waits for the
# others; then it says which submission the whole became.
FRAGMENTS = Table(
    "fragments",
    METADATA,
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("whole", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("joined", String(32), nullable=False),
    Index("fragments_whole", "whole"),
    Index("fragments_joined", "joined"),
)

# Accepted mail in pieces, where several machines share the work and a directory would be out of the others' reach.
MAIL_CHUNKS = Table(
    "mail_chunks",
    METADATA,
    Column("submission_id", String(32), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)
