"""The models commands as people use them; the hub is on this computer."""

import importlib.util
import json
import shutil
import signal
from pathlib import Path

import pytest
from clip_layout import write_export

_SERVER = Path(__file__).resolve().parents[1] / "unit" / "embed" / "hub_server.py"
_spec = importlib.util.spec_from_file_location("hub_server_for_commands", _SERVER)
hub_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hub_server)
NAME = "colours__toy-one"
BIG = "visual/model.onnx_data"


@pytest.fixture
def hub(helios, tmp_path):
    files = hub_server.files_of(write_export(tmp_path / "export"))
    server = hub_server.HubServer({**files, BIG: bytes(range(256)) * 4000})
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", *proxies):
        helios.environment.pop(name, None)
    helios.environment |= {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "hf")}
    yield server
    server.close()


@pytest.fixture
def export(tmp_path):
    return write_export(tmp_path / "stick" / NAME)


def models(helios):
    return {row["name"]: row for row in helios.json("models", "list") if row["installed"]}


def test_a_model_is_downloaded_installed_and_used(helios, hub, samples):
    lines = helios.json("models", "download", hub_server.REPOSITORY)
    assert lines[-1]["event"] == "installed"
    assert lines[-1]["licence"] == "MIT"
    assert lines[-2]["done"] == lines[-2]["total"]
    folder = helios.home / "data" / "models" / NAME
    origin = json.loads((folder / "origin.json").read_text(encoding="utf-8"))
    assert origin["revision"] == hub.revision
    assert origin["sha256"][BIG] == hub_server.sha256(hub.files[BIG])
    helios.ok("models", "verify", NAME)
    helios.ok("models", "use", NAME)
    helios.ok("index", str(samples))
    assert helios.json("search", "a white wall")
    assert not list((helios.home / "data" / "models").glob(".download-*/*"))


def test_a_download_that_was_killed_goes_on(helios, hub):
    hub.gate = hub_server.threading.Semaphore(30)
    process = helios.start("models", "download", hub_server.REPOSITORY)
    part = helios.home / "data" / "models" / f".download-{NAME}" / (BIG + ".part")
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None
        process_wait(process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    came = part.stat().st_size
    assert 0 < came < len(hub.files[BIG])
    hub.gate.release(10_000)
    hub.requests.clear()
    helios.ok("models", "download", hub_server.REPOSITORY)
    assert [start for name, start in hub.bodies() if name == BIG] == [came]


def process_wait(process):
    import subprocess

    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return


def test_without_a_network_a_sentence_says_how_else_to_get_a_model(helios, hub):
    hub.is_web_page = True
    result = helios.run("models", "download", "ViT-B-32__openai")
    assert result.returncode == 3
    assert "sign in to the network" in result.stderr
    helios.environment["HF_HUB_OFFLINE"] = "1"
    result = helios.run("models", "download", "ViT-B-32__openai")
    assert result.returncode == 3
    assert "HF_HUB_OFFLINE" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_model_is_brought_on_a_stick(helios, export):
    said = helios.ok("models", "install", str(export))
    assert "installed colours__toy-one" in said
    assert "licence: not stated" in said
    assert models(helios)[NAME]["photos"] == 0


def test_a_flipped_byte_is_found(helios, export):
    helios.ok("models", "install", str(export))
    path = helios.home / "data" / "models" / NAME / "textual" / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(bytes(content))
    result = helios.run("models", "verify", "--json")
    assert result.returncode == 3
    rows = {row["name"]: row for row in map(json.loads, result.stdout.splitlines())}
    assert rows[NAME]["faults"]
    assert all(row["ok"] for name, row in rows.items() if name.startswith("starter"))


def test_a_model_without_one_of_its_files_is_no_model_and_verify_says_so(helios, export):
    helios.ok("models", "install", str(export))
    (helios.home / "data" / "models" / NAME / "textual" / "model.onnx").unlink()
    assert NAME not in models(helios)
    result = helios.run("models", "verify", "--json")
    assert result.returncode == 3
    rows = {row["name"]: row for row in map(json.loads, result.stdout.splitlines())}
    assert "model.onnx is missing" in rows[NAME]["faults"][0]


def test_a_removed_model_comes_back_with_what_it_knew(helios, export, samples):
    helios.ok("models", "install", str(export))
    helios.ok("models", "use", NAME)
    helios.ok("index", str(samples))
    seen = models(helios)[NAME]["photos"]
    assert seen > 5
    helios.ok("models", "remove", NAME)
    assert NAME not in models(helios)
    assert helios.json("status")[0]["model"]["id"].startswith("starter")
    helios.ok("models", "install", str(export))
    assert models(helios)[NAME]["photos"] == seen
    helios.ok("models", "remove", NAME, "--with-vectors")
    helios.ok("models", "install", str(export))
    assert models(helios)[NAME]["photos"] == 0


def test_the_starter_model_stays(helios):
    result = helios.run("models", "remove", "starter-1")
    assert result.returncode == 3
    assert "stays" in result.stderr


def test_the_list_shows_what_can_be_had_and_recommends(helios, export):
    rows = helios.json("models", "list")
    assert sum(row["recommended"] for row in rows) == 1
    offer = next(row for row in rows if row["name"] == "ViT-B-32__laion2b-s34b-b79k")
    assert not offer["installed"]
    assert offer["bytes"] == 605_000_000
    said = helios.ok("models", "list")
    assert "models download NAME" in said
    assert "ViT-B-16-SigLIP2__webli" in said


def test_nothing_of_the_way_without_torch_imports_it(helios, export, samples):
    helios.ok("models", "install", str(export))
    helios.ok("models", "use", NAME)
    block = helios.home / "block"
    for name in ("torch", "torchvision", "open_clip", "transformers", "huggingface_hub"):
        (block / name).mkdir(parents=True)
        (block / name / "__init__.py").write_text("raise SystemExit('imported ' + __name__)", encoding="utf-8")
    helios.environment["PYTHONPATH"] = str(block)
    helios.ok("index", str(samples))
    assert helios.json("search", "a white wall")
    assert helios.ok("models", "list")
    shutil.rmtree(block)
