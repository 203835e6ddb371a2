"""Requests made from the description itself, by schemathesis: what it allows, and much that it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helios_desktop.web.options import Limits

# Words may be refused although they fit the description ("cat -cat"); everything else that is checked must hold.
LEFT_OUT = "positive_data_acceptance"
NO_LIMITS = Limits(
    search_rate=1e6, search_burst=1e6, decode_rate=1e6, decode_burst=1e6, pairing_rate=1e6, pairing_burst=1e6, waiting=1000
)


@pytest.mark.parametrize("examples", [3, pytest.param(100, marks=[pytest.mark.full, pytest.mark.timeout(1800)])])
def test_no_request_meets_a_server_error_or_an_answer_that_is_not_described(serve, examples):
    server, _ = serve(
        is_lan=True, host="0.0.0.0", shows_originals=True, shows_places=True, allows_favourites=True, limits=NO_LIMITS
    )
    command = [
        Path(sys.executable).with_name("schemathesis"),
        "run",
        f"http://127.0.0.1:{server.port}/openapi.json",
        "--exclude-path=/api/events",  # it never ends
        f"--max-examples={examples}",
        "--phases=examples,coverage,fuzzing",
        f"--exclude-checks={LEFT_OUT}",
        "--seed=1",
        "--no-color",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}, cwd="/tmp")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Server error" not in done.stdout
