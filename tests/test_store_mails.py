"""Mail in the database: pieces of bounded size, in order, and none left when it is removed."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from gateway.store import mails
from gateway.store.mails import PIECE
from gateway.store.tables import MAIL_CHUNKS


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE])
def test_pieces(size: int, engine: Engine, tmp_path: Path) -> None:
    """Whatever its size, the pieces together are the mail, none is too long, and there is nothing behind them."""
    content = b"\0\r\nx" * (size // 4 + 1)
    (tmp_path / "mail").write_bytes(content[:size])
    with engine.begin() as connection:
        mails.put(connection, "s1", tmp_path / "mail")
        places = range(size // PIECE + 2)
        pieces = [connection.scalar(mails.piece("s1", position)) or b"" for position in places]

    assert content[:size] == b"".join(pieces)
    assert max(map(len, pieces)) <= PIECE
    assert b"" == pieces[-1]


def test_remove(engine: Engine, tmp_path: Path) -> None:
    """Only what is named goes."""
    (tmp_path / "mail").write_bytes(b"x" * (PIECE + 1))
    with engine.begin() as connection:
        for id in ("s1", "s2", "s3"):
            mails.put(connection, id, tmp_path / "mail")
        connection.execute(mails.remove(["s1", "s3"]))
        left = connection.execute(select(MAIL_CHUNKS.c.submission_id, func.count()).group_by("submission_id")).all()

    assert [("s2", 2)] == [tuple(row) for row in left]
