"""Certificates: loaded as a listener would, and never with a question to the terminal."""

from pathlib import Path

import pytest

from gateway.configfile.certificate import CertificateError, load_certificate
from tests.gallery import certificates


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and keys of every kind."""
    made = tmp_path_factory.mktemp("certificates")
    certificates(made)
    return made


def test_a_certificate_with_its_key(directory: Path) -> None:
    """What can serve is not complained about."""
    load_certificate(directory / "tls.crt", directory / "tls.key")


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        ("none.crt", "tls.key", "there is no file .*none.crt"),
        ("tls.crt", "other.key", "other.key is not the key of .*tls.crt"),
        ("tls.crt", "locked.key", "wants a passphrase"),
        ("tls.key", "tls.key", "is not PEM"),
        ("tls.crt", "tls.crt", "is not PEM"),
        (".", "tls.key", "cannot be read: Is a directory"),
    ],
)
def test_what_cannot_serve_is_refused(directory: Path, certificate: str, key: str, words: str) -> None:
    """Each mistake has its own words."""
    with pytest.raises(CertificateError, match=words):
        load_certificate(directory / certificate, directory / key)
