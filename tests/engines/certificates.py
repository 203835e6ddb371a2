"""Certificates for a server of the tests, made with openssl: a CA, a node for localhost, good or expired."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """Files in PEM form; the key is PKCS#8."""

    ca: Path
    certificate: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the node's certificate."""
        der = ssl.PEM_cert_to_DER_cert(self.certificate.read_text(encoding="ascii"))
        return hashlib.sha256(der).hexdigest()


def make(folder: Path, *, is_expired: bool = False) -> Certificates:
    """Make a CA of its own and a certificate for localhost and 127.0.0.1."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {name: folder / f"{name}.pem" for name in ("ca", "ca-key", "node", "key", "request")}
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", names["ca-key"], "-out", names["ca"], "-days", "30",
             "-subj", "/CN=helios test CA")  # fmt: skip
    _openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", names["key"], "-out", names["request"], "-subj", "/CN=node")
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="ascii")
    period = ["-not_before", "20200101000000Z", "-not_after", "20200201000000Z"] if is_expired else ["-days", "30"]
    if is_expired:
        _sign_with_dates(folder, names, extensions, period)
    else:
        _openssl("x509", "-req", "-in", names["request"], "-CA", names["ca"], "-CAkey", names["ca-key"], "-CAcreateserial",
                 "-out", names["node"], *period, "-extfile", extensions)  # fmt: skip
    return Certificates(ca=names["ca"], certificate=names["node"], key=names["key"])


def _sign_with_dates(folder: Path, names: dict[str, Path], extensions: Path, period: list[str]) -> None:
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n", encoding="ascii")
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=a\n[a]\ndatabase={folder}/index.txt\nserial={folder}/serial\nnew_certs_dir={folder}\n"
        "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n",
        encoding="ascii",
    )
    start, end = period[1], period[3]
    _openssl("ca", "-batch", "-config", folder / "ca.cnf", "-cert", names["ca"], "-keyfile", names["ca-key"],
             "-in", names["request"], "-out", names["node"], "-startdate", start, "-enddate", end,
             "-extfile", extensions, "-notext")  # fmt: skip


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
