"""What each command may load: modules are counted, not milliseconds, so that a busy machine fails no test."""

import json
import os
import subprocess
import sys

import pytest
from clip_layout import write_export

HEAVY = {"numpy", "onnxruntime", "PIL", "watchdog", "tokenizers", "faiss", "psutil", "defusedxml", "rich.progress"}
NEVER = {
    "PySide6",
    "torch",
    "open_clip",
    "torchvision",
    "opensearchpy",
    "elasticsearch",
    "fastapi",
    "uvicorn",
    "segno",
    "helios_desktop.web",
    "asyncio.base_events",
}
REPORT = """
import atexit, json, os, sys
atexit.register(lambda: os.write(int(sys.argv.pop()), json.dumps(sorted(sys.modules)).encode()))
report = sys.argv[-1]
sys.argv = ["helios", *sys.argv[1:]]
from helios_desktop.__main__ import main
sys.exit(main(sys.argv[1:-1]))
"""


@pytest.fixture
def loaded(helios):
    def run(*arguments):
        """Run a command to its end; return the names of all modules that it had loaded."""
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as modules:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", REPORT, *arguments, str(writer)],
                env=helios.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[writer],
            )
            os.close(writer)
            names = modules.read()
            _, errors = process.communicate(timeout=120)
        assert process.returncode in {0, 1}, errors.decode(errors="replace")
        return set(json.loads(names))

    return run


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="file descriptors are not passed on there")


def test_the_version_is_told_with_little_more_than_the_command_table(loaded):
    names = loaded("--version")
    assert not names & (HEAVY | NEVER | {"apsw", "helios_desktop.app", "logging"})
    assert "helios_desktop.cli.main" in names


def test_help_imports_no_command(loaded):
    assert not loaded("--help") & (HEAVY | NEVER | {"apsw", "helios_desktop.app"})


@pytest.mark.parametrize("command", [["status"], ["list"], ["problems"]])
def test_commands_that_only_look_load_neither_models_nor_decoders(loaded, helios, samples, command):
    helios.ok("index", str(samples))
    assert not loaded(*command) & (HEAVY | NEVER)


def test_models_are_listed_by_what_their_manifests_and_the_machine_say(loaded):
    assert not loaded("models", "list") & ((HEAVY - {"psutil"}) | NEVER)


def test_adding_a_folder_loads_neither_models_nor_decoders(loaded, samples):
    assert not loaded("add", str(samples)) & (HEAVY | NEVER)


def test_indexing_where_nothing_is_new_runs_no_model_and_decodes_nothing(loaded, helios, samples):
    helios.ok("index", str(samples))
    assert not loaded("index") & (NEVER | {"onnxruntime", "tokenizers", "PIL", "faiss", "watchdog.observers"})


def test_a_question_in_words_loads_no_decoder_and_watches_nothing(loaded, helios, samples):
    helios.ok("index", str(samples))
    names = loaded("search", "a cat")
    assert not names & (NEVER | {"PIL", "watchdog", "psutil", "defusedxml", "faiss"})
    assert {"numpy", "onnxruntime"} <= names, "the probe sees what is loaded"


def test_a_question_to_a_downloaded_model_loads_what_runs_it_and_nothing_that_made_it(loaded, helios, samples, tmp_path):
    helios.ok("models", "install", str(write_export(tmp_path / "colours__one")))
    helios.ok("models", "use", "colours__one", "--now")
    helios.ok("index", str(samples))
    names = loaded("search", "a red wall")
    assert not names & (
        NEVER | {"onnx", "google.protobuf", "torch", "open_clip", "huggingface_hub", "transformers", "ftfy", "PIL"}
    )
    assert {"onnxruntime", "tokenizers"} <= names
    assert not [name for name in names if name.startswith("onnxruntime.quantization")]


def test_a_decode_worker_loads_no_model_and_no_command_line():
    probe = "import sys, helios_desktop.decode.worker; print(*sys.modules)"
    names = set(subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split())
    assert not names & (NEVER | {"click", "apsw", "onnxruntime", "tokenizers", "psutil", "defusedxml", "pillow_heif", "rich"})
    assert {"PIL", "numpy"} <= names
