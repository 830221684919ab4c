"""Uploads: which are taken, how long they can be sent, and that their octets stay."""

import pytest

from gateway.simulator.refusal import RefusedError
from tests.simulated import PDF, an_account, an_order, sent


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.pdf", "application/pdf"),
        ("a.TIF", "image/tiff"),
        ("a.tiff", "image/tiff"),
        ("a.txt", "text/plain; charset=utf-8"),
    ],
)
def test_known_types_are_taken(name: str, media_type: str) -> None:
    """A file with a known extension and the media type that goes with it is taken, octet for octet."""
    account, _ = an_account()
    path = account.upload(name, media_type, b"content")

    assert path.startswith("/storage/transient-")
    assert b"content" == account.uploads[path].content


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a", "application/pdf"), ("a.exe", "application/octet-stream"), ("a.pdf", "image/tiff"), ("a.pdf", ""), ("", "")],
)
def test_unknown_types_are_refused(name: str, media_type: str) -> None:
    """No extension, an unknown one, or a media type that does not go with it: refused."""
    account, _ = an_account()
    with pytest.raises(RefusedError) as refused:
        account.upload(name, media_type, b"content")

    assert "invalid_file_type" == refused.value.error


def test_upload_expires() -> None:
    """After its lifetime an upload cannot be sent any more, but its octets can still be looked at."""
    account, clock = an_account(upload_lifetime=100.0)
    path = account.upload("a.pdf", "application/pdf", PDF)
    clock.at += 100.0
    first = account.send(an_order(account, files=[path]))
    clock.at += 0.1

    assert 1 == len(first)
    with pytest.raises(RefusedError) as refused:
        account.send(an_order(account, files=[path]))
    assert "invalid_file" == refused.value.error
    assert path in refused.value.description
    assert PDF == account.uploads[path].content


def test_upload_is_lost() -> None:
    """An upload may be gone at once, though its path was given out."""
    account, _ = an_account(upload_loss=1.0)
    path = account.upload("a.pdf", "application/pdf", PDF)
    with pytest.raises(RefusedError) as refused:
        account.send(an_order(account, files=[path]))

    assert "invalid_file" == refused.value.error
    assert path in refused.value.description


def test_unknown_path_is_refused() -> None:
    """A path that was never given out is refused by name."""
    account, _ = an_account()
    with pytest.raises(RefusedError, match=r"/storage/made-up\.pdf"):
        sent(account, files=["/storage/made-up.pdf"])


def test_too_many_and_too_big() -> None:
    """Eleven files are too many, and files that are too big together are refused although each alone would do."""
    account, _ = an_account(size_limit=2 * len(PDF))
    paths = [account.upload("a.pdf", "application/pdf", PDF) for _ in range(11)]
    errors = []
    for files in (paths, paths[:3]):
        with pytest.raises(RefusedError) as refused:
            sent(account, files=files)
        errors.append((refused.value.error, refused.value.status))

    assert [("too_many_files", 400), ("payload_too_large", 413)] == errors
    assert sent(account, files=paths[:2])


def test_equal_contents_are_kept_once() -> None:
    """Ten thousand equal uploads do not fill the memory."""
    account, _ = an_account()
    paths = [account.upload("a.pdf", "application/pdf", bytes(bytearray(PDF))) for _ in range(3)]

    assert 3 == len(set(paths))
    assert 1 == len({id(account.uploads[path].content) for path in paths})
