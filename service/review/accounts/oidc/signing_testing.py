"""Keys and signatures of an identity provider for tests, made with `cryptography` and by hand."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

__all__ = [
    "SigningKey",
    "b64",
    "certificate_at",
    "ec_key",
    "rsa_key",
    "signed",
    "signed_by_public_key",
    "unsigned",
]

_HASHES: Final[dict[str, Any]] = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
_CURVES: Final[dict[str, tuple[ec.EllipticCurve, str]]] = {
    "ES256": (ec.SECP256R1(), "P-256"),
    "ES384": (ec.SECP384R1(), "P-384"),
    "ES512": (ec.SECP521R1(), "P-521"),
}


@dataclass(frozen=True)
class SigningKey:
    """Hold a key: what is published of it, its PEM, and what signs with it."""

    algorithm: str
    public: Mapping[str, Any]
    pem: bytes
    sign: Callable[[bytes], bytes]

    @property
    def kid(self) -> str:
        """Return its id."""
        return str(self.public["kid"])


@cache
def rsa_key(kid: str = "pot", algorithm: str = "RS256", bits: int = 2_048) -> SigningKey:
    """Return an RSA key, always the same for an id."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=bits)
    numbers = key.public_key().public_numbers()
    digest = _HASHES[algorithm[2:]]()
    pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
    scheme = pss if algorithm.startswith("PS") else padding.PKCS1v15()
    public = {"kty": "RSA", "kid": kid, "use": "sig", "n": _number(numbers.n), "e": _number(numbers.e)}
    return SigningKey(algorithm, public, _pem(key), lambda content: key.sign(content, scheme, digest))


@cache
def ec_key(kid: str = "pan", algorithm: str = "ES256") -> SigningKey:
    """Return a key on the curve of `algorithm`, always the same for an id."""
    curve, name = _CURVES[algorithm]
    key = ec.generate_private_key(curve)
    numbers, size = key.public_key().public_numbers(), (curve.key_size + 7) // 8

    def sign(content: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(content, ec.ECDSA(_HASHES[algorithm[2:]]())))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    x, y = (_number(number, size) for number in (numbers.x, numbers.y))
    public = {"kty": "EC", "kid": kid, "use": "sig", "crv": name, "x": x, "y": y}
    return SigningKey(algorithm, public, _pem(key), sign)


def signed(key: SigningKey, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    """Return a token; `header` is laid over the usual one, what is None in it left out."""
    content = _content({"alg": key.algorithm, "kid": key.kid, "typ": "JWT", **(header or {})}, claims)
    return f"{content}.{b64(key.sign(content.encode()))}"


def unsigned(claims: Mapping[str, Any], algorithm: str = "none") -> str:
    """Return a token that nobody signed."""
    return f"{_content({'alg': algorithm, 'typ': 'JWT'}, claims)}."


def signed_by_public_key(key: SigningKey, claims: Mapping[str, Any], secret: bytes | None = None) -> str:
    """Return a token whose HMAC has a public key for its secret, as PEM unless it is given."""
    content = _content({"alg": "HS256", "kid": key.kid, "typ": "JWT"}, claims)
    return f"{content}.{b64(hmac.digest(key.pem if secret is None else secret, content.encode(), sha256))}"


def certificate_at(folder: Path) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that nobody vouches for but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "soup.example")])
    now = datetime.now(UTC)  # OpenSSL reads the clock, whatever a test does
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = folder / "provider.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    return path


def b64(content: bytes) -> str:
    """Return bytes as tokens have them: base64url, without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _content(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    told = {name: value for name, value in header.items() if value is not None}
    return f"{b64(json.dumps(told).encode())}.{b64(json.dumps(dict(claims)).encode())}"


def _number(number: int, size: int | None = None) -> str:
    return b64(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
