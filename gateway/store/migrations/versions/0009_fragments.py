"""Pieces of mails that were split by their size."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "fragments",
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("whole", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("joined", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("submission_id"),
    )
    op.create_index("fragments_whole", "fragments", ["whole"])
    op.create_index("fragments_joined", "fragments", ["joined"])
