"""Which mail tells a notice, so that several may be told in one; and how many mails somebody had lately."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a column and an index."""
    op.add_column("notices", sa.Column("mail", sa.String(length=64), nullable=False, server_default=""))
    op.create_index("notices_recipient", "notices", ["recipient", "sent_at"])
