"""How a sender asked to have a mail held back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add a column."""
    op.add_column("submissions", sa.Column("hold", sa.Text(), nullable=False, server_default=""))
