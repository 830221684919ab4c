"""What was repaired in a document before it was faxed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    """Add a column."""
    op.add_column("documents", sa.Column("repair", sa.Text(), nullable=False, server_default=""))
