"""Certificates: what is spoken with them, and how a renewed one, or a broken one, comes into place."""

import socket
import ssl
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from gateway.config import ListenerSettings
from gateway.smtp.tls import Certificate
from tests.smtp_house import OLD_TLS, House, with_house


def issue(directory: Path, name: str = "localhost") -> trustme.LeafCert:
    """Put a certificate and its key in place, as new files."""
    leaf = trustme.CA().issue_cert(name)
    put(directory / "tls.crt", b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    put(directory / "tls.key", leaf.private_key_pem.bytes())
    return leaf


def put(path: Path, content: bytes) -> None:
    """Replace a file, as programs that renew certificates do."""
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)


def a_certificate(directory: Path, **changed: Any) -> Certificate:
    """Load what is there, for a listener with STARTTLS."""
    chain, key = directory / "tls.crt", directory / "tls.key"
    usual = {"name": "submission", "tls": "starttls", "certificate": chain, "key": key}
    return Certificate(ListenerSettings.model_validate(usual | changed), chain, key)


def test_the_same_context_while_nothing_changes(tmp_path: Path) -> None:
    """Looking does not load again."""
    issue(tmp_path)
    certificate = a_certificate(tmp_path)

    assert certificate.context() is certificate.context()


def test_renewed(tmp_path: Path) -> None:
    """A new certificate with its key is used from the next handshake on."""
    issue(tmp_path)
    certificate = a_certificate(tmp_path)
    old = certificate.context()
    issue(tmp_path)
    with capture_logs() as logs:
        new = certificate.context()

    assert new is not old
    assert [{"event": "certificate.loaded", "listener": "submission", "log_level": "info"}] == logs


def test_half_renewed(tmp_path: Path) -> None:
    """Between certificate and key, and while a file is broken or gone, the old one serves, which is said once."""
    issue(tmp_path)
    certificate = a_certificate(tmp_path)
    old, key = certificate.context(), (tmp_path / "tls.key").read_bytes()
    other = trustme.CA().issue_cert("localhost")
    with capture_logs() as logs:
        put(tmp_path / "tls.crt", other.cert_chain_pems[0].bytes())
        mixed = [certificate.context() for _ in range(3)]
        put(tmp_path / "tls.crt", b"nonsense")
        broken = [certificate.context() for _ in range(3)]
        (tmp_path / "tls.crt").unlink()
        gone = [certificate.context() for _ in range(3)]
    issue(tmp_path)

    assert [old] * 9 == mixed + broken + gone
    assert ["certificate.kept"] * 3 == [entry["event"] for entry in logs]
    assert key.decode()[100:140] not in str(logs)
    assert certificate.context() is not old


def test_key_with_a_passphrase(tmp_path: Path) -> None:
    """Nobody is asked on a terminal that nobody sits at."""
    issue(tmp_path)
    locked = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
    put(tmp_path / "tls.key", locked)
    with pytest.raises(ssl.SSLError):
        a_certificate(tmp_path)


def shaken(server: ssl.SSLContext, old: str, **offered: Any) -> str:
    """Shake hands as an old device would; return what is spoken then, or nothing."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    highest, ciphers = OLD_TLS[old]
    client.set_ciphers(offered.get("ciphers", ciphers))
    client.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client.maximum_version = highest
    here, there = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(there, server_side=True).close()
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(here) as spoken:
            return f"{spoken.version()} {(spoken.cipher() or [''])[0]}"
    except OSError:
        return ""
    finally:
        here.close()
        thread.join()


def test_what_old_devices_get(tmp_path: Path) -> None:
    """TLS 1.0, 1.1 and RSA key exchange on legacy listeners, and on no other: nor does a legacy one loosen those."""
    chain = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("localhost", key_type=trustme.KeyType.RSA)
    put(tmp_path / "tls.crt", chain.cert_chain_pems[0].bytes())
    put(tmp_path / "tls.key", chain.private_key_pem.bytes())
    legacy = a_certificate(tmp_path, legacy=True, networks=["192.0.2.17"]).context()
    ordinary = a_certificate(tmp_path).context()

    assert ["TLSv1", "TLSv1.1", "TLSv1.2"] == [shaken(legacy, old).partition(" ")[0] for old in OLD_TLS]
    assert "TLSv1.2 AES128-SHA" == shaken(legacy, "1.2-rsa")
    assert ["", "", ""] == [shaken(ordinary, old) for old in OLD_TLS]
    assert "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384" == shaken(ordinary, "1.2-rsa", ciphers="ECDHE")


def test_renewed_under_open_listeners(tmp_path: Path) -> None:
    """STARTTLS and implicit TLS show the new certificate at the next connection; those that are open go on."""

    def client(house: House) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        seen = []
        with house.connect("implicit") as before:
            assert isinstance(before, ssl.SSLSocket)
            assert before.recv(100).startswith(b"220 ")
            seen.append(before.getpeercert(binary_form=True))
            issue(tmp_path)
            with context.wrap_socket(socket.create_connection(("127.0.0.1", house.ports["implicit"]))) as after:
                seen.append(after.getpeercert(binary_form=True))
            with house.connect("starttls") as plain:
                plain.recv(100)
                plain.sendall(b"STARTTLS\r\n")
                plain.recv(100)
                with context.wrap_socket(plain) as protected:
                    seen.append(protected.getpeercert(binary_form=True))
            before.sendall(b"NOOP\r\n")

            assert before.recv(100).startswith(b"250 ")

        assert seen[0] != seen[1] == seen[2]

    with_house(tmp_path, client)
