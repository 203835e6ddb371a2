"""The image of the service "scripts" without Docker: what its Dockerfile runs, run in a bare Debian tree, and then used."""

import http.client
import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DOCKERFILE = CHECKOUT / "packaging" / "docker" / "Dockerfile"
# What a network of this computer needs in order to reach the registries; a bare tree has none of it.
FROM_OUTSIDE = {
    "/etc/resolv.conf": "etc/resolv.conf",
    "/etc/hosts": "etc/hosts",
    "/etc/ssl/certs/ca-certificates.crt": "authorities.crt",
}
VARIABLE = re.compile(r"(PIP_INDEX_URL|PIP_EXTRA_INDEX_URL|https?_proxy|no_proxy)$", re.IGNORECASE)
BARE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("debootstrap") is None, reason="needs root and debootstrap"
)


def in_tree(tree, *command, **variables):
    """Run in the bare tree, with nothing of this computer's environment but its way to the registries."""
    ways = {name: value for name, value in os.environ.items() if VARIABLE.match(name)}
    return subprocess.run(
        ["chroot", str(tree), *command],
        env={"PATH": BARE_PATH, "LANG": "C.UTF-8", "PIP_CERT": "/authorities.crt", **ways, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Bare Debian 12, with the files that the Dockerfile copies, after what the Dockerfile runs."""
    tree = tmp_path_factory.mktemp("debian") / "tree"
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", "bookworm", str(tree), "http://deb.debian.org/debian"],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no Debian tree could be made: {made.stdout[-500:]}")
    for name, place in FROM_OUTSIDE.items():
        if Path(name).exists():
            shutil.copyfile(name, tree / place)
    for conf in Path("/etc/apt/apt.conf.d").glob("*registry*"):
        shutil.copy(conf, tree / "etc/apt/apt.conf.d" / conf.name)
    build(tree, "scripts")
    yield tree
    shutil.rmtree(tree, ignore_errors=True)


def build(tree, stage):
    """Do in the bare tree what one stage of the Dockerfile does: copy, run."""
    text = DOCKERFILE.read_text(encoding="utf-8")
    lines = re.split(r"^FROM .* AS (\w+)$", text, flags=re.MULTILINE)
    lines = lines[lines.index(stage) + 1].splitlines()
    for line in lines:
        if line.startswith("COPY "):
            *names, target = line.split()[1:]
            for name in names:
                origin = CHECKOUT / name
                place = tree / target.strip("/") if origin.is_dir() else tree / target.strip("/") / origin.name
                place.parent.mkdir(parents=True, exist_ok=True)
                if origin.is_dir():
                    shutil.copytree(origin, place, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(origin, place)
    run = next(line for line in lines if line.startswith("RUN "))
    done = in_tree(tree, "sh", "-c", run.removeprefix("RUN "))
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert not (tree / "src").exists()


@pytest.mark.full
@pytest.mark.timeout(1800)
@needs_root
def test_the_commands_work_in_a_bare_tree_as_another_user(tree, opensearch_2):
    data = tree / "data"
    data.mkdir()
    np.save(data / "features.npy", np.random.default_rng(1).standard_normal((50, 512)).astype("float16"))
    (data / "photo_ids.csv").write_text("photo_id\n" + "".join(f"id{n}\n" for n in range(50)), encoding="utf-8")
    as_user = ("setpriv", "--reuid=10001", "--regid=10001", "--clear-groups")
    environment = {"OPENSEARCH_URL": opensearch_2.url, "INDEX_NAME": "image-test", "HELIOS_IN_CONTAINER": "1"}
    made = in_tree(tree, *as_user, "create-opensearch-index", **environment)
    assert made.returncode == 0, made.stderr
    assert "created" in made.stdout
    arguments = ("--start", "0", "--end", "40", "/data/photo_ids.csv", "/data/features.npy")
    loaded = in_tree(tree, *as_user, "index-unsplash-opensearch", *arguments, **environment)
    assert loaded.returncode == 0, loaded.stderr
    assert "40 documents" in loaded.stdout
    assert opensearch_2.ask("/image-test/_count")["count"] == 40
    opensearch_2.ask("/image-test", "DELETE")
    for name in ("create-elasticsearch-index", "index-unsplash-elasticsearch", "index-precomputed"):
        assert in_tree(tree, *as_user, name, "--help").returncode == 0


@pytest.mark.full
@pytest.mark.timeout(1800)
@needs_root
def test_the_server_works_in_a_bare_tree_as_another_user(tree):
    """It starts where Qt is not, listens everywhere since it is in a container, and answers to localhost alone."""
    build(tree, "serve")
    command = ["chroot", "--userspec=10001:10001", str(tree), "helios", "serve", "--host", "0.0.0.0", "--port", "0", "--json"]
    environment = {"PATH": BARE_PATH, "HELIOS_IN_CONTAINER": "1", "HELIOS_HOME": "/home/helios"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            line = process.stdout.readline()
            assert line, process.stderr.read().decode()
            address = json.loads(line)["address"].partition("//")[2]
            for host, status in (("localhost:8000", 200), ("evil.example", 403)):
                connection = http.client.HTTPConnection(address, timeout=60)
                connection.request("GET", "/api/status", headers={"Host": host})
                assert connection.getresponse().status == status
                connection.close()
        finally:
            process.terminate()
        assert process.wait(60) == 0


def test_the_images_requirements_are_those_of_the_project():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    listed = []
    for name in ("requirements.txt", "requirements-serve.txt"):
        lines = (CHECKOUT / "packaging" / "docker" / name).read_text(encoding="utf-8").splitlines()
        listed += [line for line in lines if line and not line.startswith("#")]
    assert sorted(listed) == sorted(one for one in project if not one.startswith("PySide6"))


def test_the_dockerfile_is_pinned_and_runs_as_somebody_else_than_root():
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert re.search(r"^FROM debian:\d+\.\d+-slim AS scripts$", text, re.MULTILINE)
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE)[-1] == "10001:10001"
    installer = (CHECKOUT / "packaging" / "docker" / "install.sh").read_text(encoding="utf-8")
    assert "--uid 10001" in installer
