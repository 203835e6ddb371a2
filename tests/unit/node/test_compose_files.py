"""The compose files hold to their schema and to our rules: loopback only, pinned, limited, watched, restarted, no secrets."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helios_desktop.node.secrets_file import PASSWORDS, read_variables

CHECKOUT = Path(__file__).resolve().parents[3]
HADOLINT = shutil.which("hadolint", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
FILES = ("docker-compose.yml", "docker-compose.cluster.yml")
PROFILES = {
    "opensearch": {"opensearch-files", "opensearch", "opensearch-dashboards"},
    "elasticsearch": {"elasticsearch-files", "elasticsearch", "kibana-user", "kibana"},
    "scripts": {"scripts"},
    "backend": {"serve-model", "api"},
    "frontend": {"serve-model", "app"},
}
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::-([^{}]*))?\}")


def compose(name):
    return yaml.safe_load((CHECKOUT / name).read_text(encoding="utf-8"))


def services():
    return [pytest.param(found, id=f"{file}:{name}") for file in FILES for name, found in compose(file)["services"].items()]


def filled(text):
    """The text as compose reads it where no variable is set."""
    while VARIABLE.search(text):
        text = VARIABLE.sub(lambda match: match[2] or "", text)
    return text


@pytest.mark.parametrize("file", FILES)
def test_they_keep_the_schema(file):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(CHECKOUT / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", services())
def test_ports_are_for_this_computer_alone(service):
    for port in service.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", filled(port)), port
    assert service.get("network_mode", "none") == "none"


@pytest.mark.parametrize("service", services())
def test_images_are_pinned(service):
    image = filled(service["image"])
    assert re.fullmatch(r"[\w./-]+:(\d+\.\d+\.\d+|local)", image), image
    assert "build" in service or not image.endswith(":local")


@pytest.mark.parametrize("service", services())
def test_every_service_has_limits_and_gains_no_rights(service):
    assert re.fullmatch(r"\d+[mg]", filled(service["mem_limit"]))
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("service", services())
def test_servers_are_watched_and_restarted(service):
    if service["restart"] == "unless-stopped":
        check = service["healthcheck"]
        assert {"test", "interval", "timeout", "retries", "start_period"} <= set(check)
        assert service["logging"]["options"]["max-size"]
    else:
        assert service["restart"] == "no"
        assert "ports" not in service


@pytest.mark.parametrize("file", FILES)
def test_no_secret_stands_in_them_and_none_in_a_command_line(file):
    text = (CHECKOUT / file).read_text(encoding="utf-8")
    variables = dict(VARIABLE.findall(text))
    for name, default in variables.items():
        if name in PASSWORDS or "PASSWORD" in name or name.endswith("_KEY"):
            assert default == "", name
    assert "admin:admin" not in text
    for command in re.findall(r"curl [^\n]*(?:\n[^\n]*)*?https?://", text):
        assert "--user" not in command
        assert " -u " not in command


@pytest.mark.parametrize("file", FILES)
def test_security_is_on(file):
    for name, service in compose(file)["services"].items():
        environment = service.get("environment", {})
        assert "DISABLE_SECURITY_PLUGIN" not in environment
        if re.fullmatch(r"opensearch(-\d)?", name):
            assert environment["plugins.security.ssl.http.enabled"] == "true"
            assert environment["DISABLE_INSTALL_DEMO_CONFIG"] == "true"
        if name == "elasticsearch":
            assert environment["xpack.security.enabled"] == environment["xpack.security.http.ssl.enabled"] == "true"


def test_memory_is_locked_and_the_heap_is_a_variable():
    for file in FILES:
        for name, service in compose(file)["services"].items():
            if re.fullmatch(r"opensearch(-\d)?|elasticsearch", name):
                assert service["environment"]["bootstrap.memory_lock"] == "true"
                assert service["ulimits"]["memlock"] == {"soft": -1, "hard": -1}
                assert service["ulimits"]["nofile"]["soft"] >= 65536
                options = service["environment"].get("OPENSEARCH_JAVA_OPTS") or service["environment"]["ES_JAVA_OPTS"]
                assert filled(options) == "-Xms512m -Xmx512m"


def test_each_profile_has_its_services_and_volumes_have_names():
    found = compose("docker-compose.yml")
    for profile, names in PROFILES.items():
        assert {name for name, service in found["services"].items() if profile in service["profiles"]} == names
    for file in FILES:
        for service in compose(file)["services"].values():
            for volume in service.get("volumes", []):
                source, target, *mode = volume.split(":")
                assert target.startswith("/")
                if source.startswith("./"):
                    assert mode == ["ro"], volume
                else:
                    assert source in compose(file)["volumes"]


def test_the_ancestors_variables_are_there_and_every_variable_is_explained():
    example = read_variables(CHECKOUT / ".env.example")
    assert {
        "ES_VERSION",
        "OPENSEARCH_VERSION",
        "ES_PORT",
        "OPENSEARCH_PORT",
        "KIB_PORT",
        "OPENSEARCH_DASHBOARD_PORT",
        "API_PORT",
        "APP_PORT",
        "SERVE_MODEL",
    } <= set(example)
    for file in FILES:
        for name, default in VARIABLE.findall((CHECKOUT / file).read_text(encoding="utf-8")):
            if name in example:
                assert default == example[name], name
            else:
                assert name in PASSWORDS or name in {"OPENSEARCH_URL", "ES_URL", "OPENSEARCH_PORT_2", "OPENSEARCH_PORT_3"}, name
    assert not any("PASSWORD" in name for name in example)


def test_private_files_are_never_committed():
    ignored = (CHECKOUT / ".gitignore").read_text(encoding="utf-8").split()
    assert {".env", "/certs/", "/data/"} <= set(ignored)


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
@pytest.mark.parametrize("file", FILES)
def test_docker_compose_reads_them(file):
    done = subprocess.run(
        ["docker-compose", "--file", str(CHECKOUT / file), "config", "--quiet"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_hadolint_accepts_the_dockerfile():
    done = subprocess.run(
        [HADOLINT, str(CHECKOUT / "packaging" / "docker" / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
