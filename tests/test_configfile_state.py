"""The state directory: there or to be made, and on a disk."""

from pathlib import Path

import pytest

from gateway.configfile.state import StateError, file_system, look_at_state

MOUNTS = """\
overlay / overlay rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
server:/srv /var/lib nfs4 rw,vers=4.2 0 0
/dev/vdb1 /var/lib/fax\\040gateway ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "overlay"),
        ("/home/fax", "overlay"),
        ("/run/fax", "tmpfs"),
        ("/runner", "overlay"),
        ("/var/lib/fax-gateway/mail", "nfs4"),
        ("/var/lib/fax gateway/mail", "ext4"),
    ],
)
def test_the_nearest_mount_tells_the_kind(path: str, kind: str) -> None:
    """A path lies on what is mounted on the nearest of its parents."""
    assert kind == file_system(Path(path), MOUNTS)


def test_nothing_is_known_without_mounts() -> None:
    """Where /proc is closed, we do not guess."""
    assert "" == file_system(Path("/var/lib"), "")


def test_sqlite_on_a_network_file_system_is_refused(tmp_path: Path) -> None:
    """Its locks do not hold there; mail alone may lie there when PostgreSQL keeps the database."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/srv {tmp_path} nfs4 rw 0 0\n")

    with pytest.raises(StateError, match="is on nfs4, where SQLite is not safe"):
        look_at_state(tmp_path / "state", holds_database=True, mounts=mounts)
    look_at_state(tmp_path / "state", holds_database=False, mounts=mounts)


def test_a_directory_that_can_be_made_will_do(tmp_path: Path) -> None:
    """Looking makes nothing."""
    look_at_state(tmp_path / "a" / "b", holds_database=True)

    assert [] == list(tmp_path.iterdir())


def test_no_directory_can_be_made_below_a_file(tmp_path: Path) -> None:
    """The words name what is in the way."""
    (tmp_path / "file").touch()

    with pytest.raises(StateError, match="file is not a directory"):
        look_at_state(tmp_path / "file" / "state", holds_database=True)


def test_no_right_to_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the check is told; root may write everywhere, so the answer of the system is put in its place."""
    monkeypatch.setattr("os.access", lambda *_: False)

    with pytest.raises(StateError, match="no right to write"):
        look_at_state(tmp_path / "state", holds_database=True)
