"""What tells a repeated mail, when a fax's sender was told that it is late, and mail kept in the database."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add two columns, an index and a table."""
    op.add_column("submissions", sa.Column("content", sa.String(length=64), nullable=False, server_default=""))
    op.create_index("submissions_content", "submissions", ["content", "received_at"], unique=False)
    op.add_column("faxes", sa.Column("late_at", sa.Double(), nullable=True))
    op.create_table(
        "mail_chunks",
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "position"),
    )
