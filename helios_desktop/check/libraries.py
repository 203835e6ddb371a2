"""The libraries beside the way of a photo: each used once, on this computer alone."""

from __future__ import annotations

import os
import platform
import socket
import ssl
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from helios_desktop import __version__
from helios_desktop.check.steps import expect
from helios_desktop.errors import HeliosError
from helios_desktop.paths import resources_dir

HINT_SECONDS = 30.0
LOCK_SECONDS = 10.0
FEW_ROWS, DIM = 1024, 32


def system(_folder: Path) -> str:
    """What runs where."""
    kind = "packaged" if getattr(sys, "frozen", False) else "from a checkout or by pip"
    return f"Helios {__version__} ({kind}), Python {sys.version.split()[0]}, {platform.platform()}"


def watching(folder: Path) -> str:
    """Watch a folder, write a file into it, and wait until that is heard."""
    from helios_desktop.watch.observer import FolderObserver

    heard = threading.Event()
    observer = FolderObserver(lambda _folder: heard.set(), debounce_seconds=0.05)
    try:
        observer.follow([bytes(folder)])
        (folder / "new.jpg").write_bytes(b"new")
        expect(heard.wait(HINT_SECONDS), f"A new file was not noticed within {HINT_SECONDS:g} s.")
    finally:
        observer.stop()
    return "a new file was noticed"


def locks(folder: Path) -> str:
    """Hold a lock between processes, and see that a second holder has to wait."""
    from filelock import FileLock, Timeout

    first, second = FileLock(folder / "a.lock", is_singleton=False), FileLock(folder / "a.lock", is_singleton=False)
    with first.acquire(timeout=LOCK_SECONDS), suppress(Timeout):
        second.acquire(timeout=0)
        second.release()
        expect(False, "Two held one lock at once.")
    return "one holder at a time"


def keyrings(_folder: Path) -> str:
    """See that the system's own keyring can be spoken to; where none runs, passwords come from the environment."""
    import keyring

    if sys.platform.startswith("linux"):
        from keyring.backends import SecretService

        expect(hasattr(SecretService, "secretstorage"), "The library for the Secret Service is missing.")
    return f"passwords go to: {keyring.get_keyring().name}"


def tls(folder: Path) -> str:
    """Make certificates, shake hands over them in memory, and count the authorities that https is verified by."""
    from helios_desktop.node.certificates import make_certificates

    make_certificates(folder, ["localhost"])
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context(cafile=str(folder / "ca.pem")).wrap_bio(
        to_client, to_server, server_hostname="localhost"
    )
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(8):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    expect(client.version() == "TLSv1.3", f"The handshake ended as {client.version()}.")
    expect(authorities() > 0, "No authorities were found: no https server could be verified.")
    return f"{client.version()} by {ssl.OPENSSL_VERSION}; {authorities()} authorities"


def authorities() -> int:
    """How many certificates https servers are verified by: those of the file and of the folder that OpenSSL is told of."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    hashed = len(os.listdir(paths.capath)) if paths.capath and os.path.isdir(paths.capath) else 0
    return max(len(context.get_ca_certs()), hashed)


def engines(_folder: Path) -> str:
    """Speak to both search engines where none is: each client must say so in its own words."""
    from helios_desktop.index.elasticsearch import ElasticsearchEngine
    from helios_desktop.index.engine_connection import EngineConnection
    from helios_desktop.index.opensearch import OpenSearchEngine

    connection = EngineConnection(urls=(f"http://127.0.0.1:{_unused_port()}",))
    for make in (OpenSearchEngine, ElasticsearchEngine):
        engine = make(connection)
        try:
            engine.request("GET", "/")
            expect(False, "An engine answered where there is none.")
        except HeliosError as error:
            expect("127.0.0.1" in str(error), f"{make.__name__}: {error}")
        finally:
            engine.close()
    return "OpenSearch and Elasticsearch clients work"


def hub(_folder: Path) -> str:
    """Ask for a model where no hub is: the answer must be a sentence with a remedy."""
    from helios_desktop.embed.hub import Hub
    from helios_desktop.errors import ModelError

    try:
        Hub(f"http://127.0.0.1:{_unused_port()}").listing("helios/none")
    except ModelError as error:
        expect(bool(error.remedy), "The hub's client failed without a remedy.")
        return "the client of the model hub works"
    expect(False, "A hub answered where there is none.")
    return ""


def words(_folder: Path) -> str:
    """Read a question as the starter model and as CLIP do."""
    from tokenizers import Tokenizer

    from helios_desktop.embed.clip_text import TextRecipe, cleaned

    tokenizer = Tokenizer.from_file(str(resources_dir() / "models" / "starter" / "tokenizer.json"))
    tokens = sum(tokenizer.encode("a cat on a chair").attention_mask)
    expect(5 <= tokens <= 10, f"A question of five words became {tokens} tokens.")
    mended = cleaned("schÃ¶n", TextRecipe(context_length=77))
    expect(mended == "schön", f"A garbled word became {mended!r}.")
    return f"tokenizers: {tokens} tokens; ftfy: {mended}"


def quantiser(folder: Path) -> str:
    """Write a small ONNX graph, make its 8-bit form, and run both."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from helios_desktop.embed.onnx_quantiser import RECIPES, quantise
    from helios_desktop.embed.onnx_session import OnnxModel

    random = np.random.default_rng(1)
    weight = numpy_helper.from_array(random.standard_normal((DIM, DIM)).astype(np.float32), "w")
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, DIM]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "check", ends[:1], ends[1:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "a.onnx")
    fault = quantise(folder / "a.onnx", folder / "b.onnx", RECIPES[0])
    expect(not fault, f"The quantiser failed: {fault}")
    feed = {"x": random.standard_normal((1, DIM)).astype(np.float32)}
    full, small = (OnnxModel(folder / name, threads=1).run(feed)[0].ravel() for name in ("a.onnx", "b.onnx"))
    cosine = float(full @ small / (np.linalg.norm(full) * np.linalg.norm(small)))
    expect(cosine > 0.98, f"The 8-bit form answers otherwise: cosine {cosine:.3f}.")
    return f"onnx {onnx.__version__}: 8-bit form agrees, cosine {cosine:.4f}"


def first_pass(_folder: Path) -> str:
    """Compare 4-bit codes with faiss, as large libraries do."""
    import faiss

    rows = np.random.default_rng(2).standard_normal((FEW_ROWS, DIM)).astype(np.float32)
    plain: Any = faiss.IndexPQ(DIM, DIM, 4, faiss.METRIC_INNER_PRODUCT)
    plain.train(rows)
    plain.add(rows)
    _, places = faiss.IndexPQFastScan(plain).search(rows[:1] * 2, 5)
    expect(0 in places[0], f"A vector is not among its own nearest: {places[0].tolist()}.")
    return f"faiss {faiss.__version__}: 4-bit codes work"


def settings(folder: Path) -> str:
    """Write settings, passwords and their digests, and read them back; show progress as the command line does."""
    import io

    import orjson
    from rich.console import Console

    from helios_desktop.node.secrets_file import PASSWORDS, new_password, opensearch_users
    from helios_desktop.settings import Settings, load_settings, save_settings

    save_settings(folder / "settings.toml", Settings(engine="opensearch"))
    expect(load_settings(folder / "settings.toml").settings.engine == "opensearch", "Settings were not kept.")
    users = opensearch_users({name: new_password() for name in PASSWORDS})
    expect(b"$2b$" in users, "bcrypt made no digest.")
    expect(orjson.loads(orjson.dumps([0.5])) == [0.5], "orjson does not read what it wrote.")
    told = io.StringIO()
    Console(file=told, width=20).print("[bold]ready[/bold]")
    expect("ready" in told.getvalue(), "rich prints nothing.")
    return "settings, passwords and their digests"


def torch(folder: Path) -> str:
    """Load PyTorch and open_clip where they are installed, and run a small model with random weights."""
    from helios_desktop.embed.open_clip.libraries import is_installed, smallest_answer

    if not is_installed():
        return "not installed (extra 'torch'); models in ONNX form need none"
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(folder / "inductor"))  # PyTorch makes one when it is loaded
    return smallest_answer()


def _unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
