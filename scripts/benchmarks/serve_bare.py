"""What ``helios serve`` is measured against: the fewest lines of FastAPI that search the same vectors and give out a file.

Run by ``serve.py``: ``serve_bare.py FOLDER``; prints its port.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

import numpy as np  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from fastapi.responses import FileResponse  # noqa: E402

from helios_desktop.embed.onnx_embedder import open_pack  # noqa: E402
from helios_desktop.paths import resources_dir  # noqa: E402
from helios_desktop.web.server import listening_socket  # noqa: E402

HITS = 50
folder = Path(sys.argv[1])
vectors = np.load(folder / "vectors.npy", allow_pickle=False)
embedder = open_pack(resources_dir() / "models" / "starter", threads=1)
app = FastAPI()


@app.get("/search")
def search(q: str) -> list[dict[str, float]]:
    """Embed, compare with all, take the best."""
    scores = vectors @ embedder.embed_text([q])[0]
    best = np.argpartition(-scores, HITS)[:HITS]
    return [{"id": int(one), "score": float(scores[one])} for one in best[np.argsort(-scores[best])]]


@app.get("/file/{number}")
def file(number: int) -> FileResponse:
    """Give out one file, whatever the number."""
    del number
    return FileResponse(folder / "picture.jpg")


listener = listening_socket("127.0.0.1", 0)
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, http="h11")).run([listener])
