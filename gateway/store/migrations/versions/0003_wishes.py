"""What a mail's sender asked for, and in which manner its sender rule answers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns."""
    for name in ("envid", "receipt_to"):
        op.add_column("submissions", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("submissions", sa.Column("ret", sa.String(length=4), nullable=False, server_default=""))
    op.add_column("submissions", sa.Column("from_number", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("submissions", sa.Column("language", sa.String(length=8), nullable=False, server_default="en"))
    op.add_column("submissions", sa.Column("discreet", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("faxes", sa.Column("notify", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("faxes", sa.Column("orcpt", sa.Text(), nullable=False, server_default=""))
    op.add_column("faxes", sa.Column("by_at", sa.Double(), nullable=True))
    op.add_column("faxes", sa.Column("by_mode", sa.String(length=1), nullable=False, server_default=""))
