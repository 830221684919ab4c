"""Seeing that a certificate and its key can serve."""

import ssl
from pathlib import Path


class CertificateError(Exception):
    """The certificate cannot serve; the text says why."""


def load_certificate(certificate: Path, key: Path) -> None:
    """Load a chain and its key as a listener would, without asking anybody for a passphrase.

    Raises:
        CertificateError: they are missing, unreadable, or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        certificate.open("rb").close()
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except _PassphraseWantedError:
        raise CertificateError(
            f"{key} wants a passphrase, which nobody can type here; take it off: openssl pkey -in {key} -out NEW"
        ) from None
    except ssl.SSLError as error:
        raise CertificateError(_words(error, certificate, key)) from None
    except FileNotFoundError:
        raise CertificateError(f"there is no file {certificate}") from None
    except OSError as error:
        raise CertificateError(f"{certificate} cannot be read: {error.strerror}") from None


class _PassphraseWantedError(Exception):
    pass


def _no_passphrase() -> str:
    raise _PassphraseWantedError


def _words(error: ssl.SSLError, certificate: Path, key: Path) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{key} is not the key of {certificate}"
    return f"{certificate} or {key} is not PEM; the chain stands in the one, the private key alone in the other"
