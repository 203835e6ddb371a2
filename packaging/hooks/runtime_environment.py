"""Run first in a packaged Helios: what its loader needed must not reach other programs, and https needs authorities."""

import os
import sys

# The loader has read this already; programs that Helios starts (a file manager, docker) must find their own libraries.
for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
    before = os.environ.pop(f"{name}_ORIG", None)
    if before is not None:
        os.environ[name] = before
    else:
        os.environ.pop(name, None)

# OpenSSL looks for authorities where the system that built it keeps them; each distribution has a place of its own.
if sys.platform != "win32" and not os.environ.get("SSL_CERT_FILE") and not os.environ.get("SSL_CERT_DIR"):
    candidates = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        os.path.join(sys._MEIPASS, "certifi", "cacert.pem"),
    ]
    for path in candidates:
        if os.path.isfile(path):
            os.environ["SSL_CERT_FILE"] = path
            break
