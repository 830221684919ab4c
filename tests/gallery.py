"""The gallery of configurations in tests/data/configs: each with what is said about it, word for word."""

import shutil
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

CONFIGS = Path(__file__).parent / "data" / "configs"
CASES = sorted(path.name for path in CONFIGS.iterdir())


def certificates(directory: Path) -> None:
    """Make a certificate, its key, the same key open to others or with a passphrase, and the key of another."""
    authority = trustme.CA()
    ours, other = authority.issue_cert("fax.example.org"), authority.issue_cert("other.example.org")
    pem = ours.private_key_pem.bytes()
    locked = load_pem_private_key(pem, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )
    chain = b"".join(blob.bytes() for blob in ours.cert_chain_pems)
    files = {"tls.crt": chain, "tls.key": pem, "open.key": pem, "other.key": other.private_key_pem.bytes()}
    for name, content in {**files, "locked.key": locked}.items():
        (directory / name).write_bytes(content)


def lay_out(case: str, certificates_in: Path, directory: Path) -> Path:
    """Copy a case and the certificates to where a test may work; only what is called `open` is open to others."""
    shutil.copytree(CONFIGS / case, directory, dirs_exist_ok=True)
    shutil.copytree(certificates_in, directory, dirs_exist_ok=True)
    for path in directory.iterdir():
        path.chmod(0o644 if path.name.startswith("open") else 0o600)
    return directory
