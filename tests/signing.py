"""Domains that sign their mail, for tests: keys, signatures with any tags (RFC 6376), and the records they publish."""

import base64
from dataclasses import dataclass
from functools import cache
from typing import Any

import dkim
import nacl.encoding
import nacl.signing
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import HASH_ALGORITHMS, parse_pem_private_key

from tests.name_server import text

WEAK_PRIVATE = b"""\
-----BEGIN RSA PRIVATE KEY-----
MIIBzAIBAAJhAK1cwzPFqgmcsnIqmtkk0RemE3NKPlZ6NiaxawXFa3qfSl4pHKuM
C95/nzIshX3Oca5Z2inFv+9A9I+VGi4r/iGFjpUbsGQLxCcTr58yr9zH01ETRJNU
fnqKaZGv0SrcFQIDAQABAmEAkXEPezHL08CYnNtNifsvSE3WZ5TT860YHSIfjXnx
D7DvrUuEeA9ILeSX5HohjEhTCboDEqoGlMFB8JhgnVZMedfLVlmv3bHQunec2nao
eN78MiYWz0cS3LsCtkwGHknJAjEA2KQin5N30xZT+FoU0S8rK1ODryYLoQJIVcmN
JG8WwvRotnJwmwnAkgUB1dwdbMRTAjEAzNvA2UxEHIotCX+SP3a/r1aRj3kS+VGo
+udpGjo2MuftFJaGOc2rewBr0M3EstD3AjEAkfNCQC+hclyAhbhqfeNBOhcxiDYh
b3+SK/l1VS5iL0VppkDDDDAtxDILYoDAch5xAjEAjx3jP6v5VZru1djq+i1iwwMO
lBY4vDdhf1AV7D3IyY2f4qc6RL271CW6LNjkVyyHAjBxH5sjbiBAEuRsMgZGz15i
d36ws+ZiEq90/ACdyRd0Pcjmr6//HRXq19TebVoOX68=
-----END RSA PRIVATE KEY-----
"""
WEAK_PUBLIC = (
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAK1cwzPFqgmcsnIqmtkk0RemE3NKPlZ6NiaxawXFa3qfSl4pHKuMC95/nzIshX3Oca5Z"
    "2inFv+9A9I+VGi4r/iGFjpUbsGQLxCcTr58yr9zH01ETRJNUfnqKaZGv0SrcFQIDAQAB"
)
"""768 bits, which can be factored: nobody makes such keys any more, but some may still be published."""


@dataclass(frozen=True)
class Key:
    """A pair of keys."""

    private: Any  #: as the library signs with it
    public: str  #: as it is published
    kind: str = "rsa"

    @property
    def record(self) -> str:
        """What the DNS has of it."""
        return f"v=DKIM1; k={self.kind}; p={self.public}"


@cache
def rsa_key(bits: int = 2048) -> Key:
    """Make one; it takes its time, so each size is made once."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Key(parse_pem_private_key(pem), base64.b64encode(public).decode())


@cache
def ed25519_key() -> Key:
    """Make one (RFC 8463)."""
    made = nacl.signing.SigningKey.generate()
    return Key(made, made.verify_key.encode(nacl.encoding.Base64Encoder).decode(), "ed25519")


def weak_key() -> Key:
    """Return one of 768 bits."""
    return Key(parse_pem_private_key(WEAK_PRIVATE), WEAK_PUBLIC)


def signature(
    mail: bytes, key: Key, domain: str = "example.org", *, header: str = "from:to:subject", **tags: str
) -> bytes:
    """Return the DKIM-Signature of a mail, to be put before it.

    Args:
        mail: with lines that end in CR LF.
        key: of the domain; its selector is "s".
        domain: whose signature it is.
        header: the fields that are signed.
        tags: others, or others in place of the usual ones.
    """
    way = CanonicalizationPolicy.from_c_value(tags.get("c", "relaxed/relaxed").encode())
    signer = dkim.DKIM(mail)
    algorithm = tags.get("a", f"{key.kind}-sha256").encode()
    body = way.canonicalize_body(signer.body)
    signed = HASH_ALGORITHMS[algorithm](body[: int(tags["l"])] if "l" in tags else body).digest()
    usual = {"v": "1", "a": algorithm.decode(), "c": "relaxed/relaxed", "d": domain, "s": "s", "h": header}
    fields = usual | {"bh": base64.b64encode(signed).decode()} | tags
    signer.hasher, signer.signature_algorithm = HASH_ALGORITHMS[algorithm], algorithm
    written = [(name.encode(), value.encode()) for name, value in fields.items()]
    names = [name.encode() for name in header.lower().split(":")]
    value = signer.gen_header([*written, (b"b", b"0" * 60)], names, way, b"DKIM-Signature", key.private)
    return bytes(b"DKIM-Signature: " + value.removesuffix(b"\r\n") + b"\r\n")


def published(key: Key, domain: str = "example.org", record: str | None = None) -> dict[tuple[str, str], list[str]]:
    """Return the DNS records of a key, or of what stands in its place."""
    return {(f"s._domainkey.{domain}", "TXT"): [text(key.record if record is None else record)]}
