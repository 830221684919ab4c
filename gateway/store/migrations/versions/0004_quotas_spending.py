"""What counts against quotas, and what was spent."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add tables."""
    op.create_table(
        "usage",
        sa.Column("fax_id", sa.String(length=32), sa.ForeignKey("faxes.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("fax_id"),
    )
    op.create_index("usage_all", "usage", ["at", "pages"])
    op.create_index("usage_rule", "usage", ["rule", "at", "pages"])
    op.create_index("usage_number", "usage", ["number", "at", "pages"])
    op.create_table(
        "spent",
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("period"),
    )
    op.create_table(
        "set_aside",
        sa.Column("fax_id", sa.String(length=32), sa.ForeignKey("faxes.id", ondelete="CASCADE"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("fax_id", "attempt"),
    )
