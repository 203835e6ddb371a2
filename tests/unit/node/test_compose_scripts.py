"""The few lines of shell in the compose files, run: they copy what belongs where, for those who may read it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from helios_desktop.node.local_engine import LocalEngine

CHECKOUT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="runs bash")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    LocalEngine(folder, CHECKOUT).prepare()
    return folder


def script(file, service):
    found = yaml.safe_load((CHECKOUT / file).read_text(encoding="utf-8"))["services"][service]["command"][0]
    return found.replace("$$", "$")


def run(text, folder, **places):
    """Run with the container's folders below ``folder``; giving files away needs root, so that is left out."""
    for place, folder_there in places.items():
        text = re.sub(rf"(?<= )/{place}(?=[/ \n])", str(folder_there), text)
    text = "\n".join(line for line in text.splitlines() if not line.strip().startswith("chown"))
    return subprocess.run(["bash", "-ec", text], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("file", "service"), [("docker-compose.yml", "opensearch-files"), ("docker-compose.yml", "elasticsearch-files")]
)
def test_the_first_service_copies_what_the_server_reads(prepared, tmp_path, file, service):
    image = tmp_path / "usr" / "share" / "opensearch" / "config" / "opensearch-security"
    image.mkdir(parents=True)
    (image / "internal_users.yml").write_text("admin: demo", encoding="utf-8")
    (image / "roles.yml").write_text("roles", encoding="utf-8")
    places = {"certs": prepared / "certs", "node": tmp_path / "node", "security": tmp_path / "security"}
    text = script(file, service).replace("/usr/share/opensearch/config/opensearch-security", "IMAGE")
    for name in ("node", "security"):
        places[name].mkdir()
    done = run(text.replace("IMAGE", str(image)), tmp_path, **places)
    assert done.returncode == 0, done.stderr
    engine = service.removesuffix("-files")
    assert (tmp_path / "node" / "node.key").read_bytes() == (prepared / "certs" / f"{engine}.key").read_bytes()
    assert (tmp_path / "node" / "node.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "node" / "ca.pem").read_bytes() == (prepared / "certs" / "ca.pem").read_bytes()
    assert not (tmp_path / "node" / "ca.key").exists()
    if engine == "opensearch":
        assert (tmp_path / "security" / "roles.yml").read_text(encoding="utf-8") == "roles"
        users = (tmp_path / "security" / "internal_users.yml").read_bytes()
        assert users == (prepared / "certs" / "internal_users.yml").read_bytes()


@pytest.mark.parametrize(
    ("file", "service"),
    [
        ("docker-compose.yml", "opensearch-files"),
        ("docker-compose.yml", "elasticsearch-files"),
        ("docker-compose.cluster.yml", "files"),
    ],
)
def test_without_engine_up_it_says_what_to_run(tmp_path, file, service):
    done = run(script(file, service), tmp_path, certs=tmp_path)
    assert done.returncode == 1
    assert "Run first: helios engine up" in done.stderr


def test_kibanas_password_reaches_curl_by_its_configuration():
    words = script("docker-compose.yml", "kibana-user").partition("|")[0]
    environment = {"PATH": os.environ["PATH"], "ELASTIC_PASSWORD": "first", "KIBANA_PASSWORD": "second"}
    done = subprocess.run(["bash", "-ec", words], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ['user = "elastic:first"', r'data = "{\"password\":\"second\"}"']
