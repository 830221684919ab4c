"""What stands on the cover page of a mail's faxes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add a column."""
    op.add_column("submissions", sa.Column("cover", sa.Text(), nullable=False, server_default=""))
