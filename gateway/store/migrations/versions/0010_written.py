"""The recipients of a mail that are one number in several spellings."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add a column."""
    op.add_column("faxes", sa.Column("written", sa.JSON(), nullable=False, server_default="[]"))
