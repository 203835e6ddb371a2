"""A certificate authority of this folder's own, and a certificate for each node: what makes https on this computer verifiable.

Made once and kept: who trusted the authority goes on trusting it. Certificates that end soon, or lack a name, are made again.
Profile: https://www.rfc-editor.org/rfc/rfc5280 (basic constraints, key usage, subject alternative names).
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from helios_desktop.node.private_files import write_private

CA_NAME = "Helios Desktop local authority"
CA_DAYS = 3650
NODE_DAYS = 825  # the most that some systems accept
RENEW_DAYS = 30


def make_certificates(
    folder: Path, nodes: Sequence[str], now: datetime.datetime | None = None, *, names: Sequence[str] = ()
) -> list[str]:
    """Make what is missing in ``folder``: ``ca.pem``, ``ca.key`` and for each node ``<name>.pem`` and ``<name>.key`` (PKCS#8).

    ``names``: further names and addresses that each node answers to; a certificate that lacks one is made again. Keys are
    readable for this user alone. Returns the names of the files that were written.
    """
    now = now or datetime.datetime.now(datetime.UTC)
    written: list[str] = []
    authority = _authority(folder, now, written)
    for node in nodes:
        if _is_good(folder / f"{node}.pem", folder / f"{node}.key", now, issuer=authority[0], names=names):
            continue
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(authority, key.public_key(), (node, *names), now)
        write_private(folder / f"{node}.key", _pem_of_key(key))
        write_private(folder / f"{node}.pem", certificate.public_bytes(serialization.Encoding.PEM))
        written += [f"{node}.key", f"{node}.pem"]
    return written


_Authority = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _authority(folder: Path, now: datetime.datetime, written: list[str]) -> _Authority:
    certificate_file, key_file = folder / "ca.pem", folder / "ca.key"
    if _is_good(certificate_file, key_file, now):
        kept = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if isinstance(kept, ec.EllipticCurvePrivateKey):
            return x509.load_pem_x509_certificate(certificate_file.read_bytes()), kept
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, CA_NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, _pem_of_key(key))
    write_private(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
    certificate_file.chmod(0o644)  # no secret: whoever asks the engine needs it, containers of other users too
    written += ["ca.key", "ca.pem"]
    return certificate, key


def _signed(
    authority: _Authority, public: ec.EllipticCurvePublicKey, names: Sequence[str], now: datetime.datetime
) -> x509.Certificate:
    certificate, key = authority
    general = [_general(name) for name in dict.fromkeys((*names, "localhost", "127.0.0.1"))]
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]  # nodes call each other
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]))
        .issuer_name(certificate.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(min(now + datetime.timedelta(days=NODE_DAYS), certificate.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName(general), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(
    certificate_file: Path,
    key_file: Path,
    now: datetime.datetime,
    issuer: x509.Certificate | None = None,
    names: Sequence[str] = (),
) -> bool:
    """Whether both files are there, belong together, last, and (for a node) come from our authority and carry these names."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if issuer is not None:
            certificate.verify_directly_issued_by(issuer)
            given = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            if any(_general(name) not in given for name in names):
                return False
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is made again
        return False
    is_lasting = certificate.not_valid_after_utc > now + datetime.timedelta(days=RENEW_DAYS)
    return is_lasting and certificate.public_key() == key.public_key()


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
