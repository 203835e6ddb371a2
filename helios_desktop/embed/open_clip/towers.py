"""One half of an open_clip model on one device: uint8 pictures or texts in, float32 rows of unit length out.

Imports torch: call ``libraries.require_libraries`` before importing this module. Loading always builds the whole model on the
CPU, because open_clip knows no other way, and then lets go of the half that was not asked for: the peak is the whole model
for a moment, what stays is one tower (for ViT-B/32: 254 MB for words, 352 MB for pictures, instead of 605 MB). Whoever asks
both halves of one embedder pays the loading twice, and a search, which only asks with words, never keeps the large tower.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from helios_desktop.domain import Float32Array, UInt8Array
from helios_desktop.embed.open_clip.source import Description
from helios_desktop.errors import ModelError

GPU_BATCH = 256
CPU_BATCH = 8
TEXT_BATCH = 64
_WORD_PARTS = ("transformer", "token_embedding", "ln_final", "text", "text_decoder")

Notice = Callable[[str], None]


def available_devices() -> tuple[str, ...]:
    """Return the devices that torch can use here, the best first; "cpu" is always the last."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return (*found, "cpu")


def choose_device(wanted: str = "") -> str:
    """Return the device to run on: the one wanted ("cuda", "cuda:1", "mps", "cpu"), else the best. Raises ``ModelError``."""
    found = available_devices()
    if not wanted or wanted == "auto":
        return found[0]
    if wanted.split(":", 1)[0] not in found:
        raise ModelError(
            f"PyTorch cannot use the device {wanted!r} here.",
            f"It can use: {', '.join(found)}. Leave it empty for the best one.",
        )
    return wanted


def only_pictures(model: Any) -> Any:
    """Let go of everything that reads words."""
    for name in _WORD_PARTS:
        if hasattr(model, name):
            setattr(model, name, None)
    for name in ("positional_embedding", "text_projection"):
        if isinstance(getattr(model, name, None), torch.nn.Parameter):
            setattr(model, name, None)
    return model


def only_words(model: Any) -> Any:
    """Let go of everything that sees pictures."""
    model.visual = None
    return model


class ImageTower:
    """Embeds pictures: in half precision on a GPU, in float32 on the CPU.

    A GPU out of memory gets half the batch, and at a batch of one the work moves to the CPU; numbers that overflow half
    precision are computed again in float32. Each such step is said once, through ``on_notice``.
    """

    def __init__(self, model: Any, about: Description, device: str, on_notice: Notice) -> None:
        self._model = only_pictures(model)
        self._about = about
        self._on_notice = on_notice
        self.device = device
        self.batch = CPU_BATCH if device == "cpu" else GPU_BATCH
        self._is_half = device != "cpu"
        self._copies: Any = None
        try:
            self._settle()
        except RuntimeError as error:  # another program may hold the GPU's memory already
            if not is_out_of_memory(error) or device == "cpu":
                raise
        else:
            return
        self._move_to_cpu()

    def embed(self, pixels: UInt8Array) -> Float32Array:
        """uint8 ``[n, height, width, 3]`` -> float32 ``[n, dim]``. Raises ``ModelError`` where even the CPU cannot do it."""
        while True:
            try:
                rows = self._rows(pixels)
            except RuntimeError as error:
                if not is_out_of_memory(error) or self.device == "cpu":
                    raise ModelError(
                        f"{self._about.title} failed on the {self.device} ({str(error).splitlines()[0]}).",
                        "Close other programs, or choose a smaller model.",
                    ) from error
                is_smallest = self.batch == 1
            else:
                if rows is not None:
                    return rows
                continue
            # Only here, after the failed attempt and its tensors are gone, can their memory be had again.
            self._move_to_cpu() if is_smallest else self._halve()

    def _settle(self) -> None:
        self._model = self._model.to(
            device=self.device, dtype=torch.float16 if self._is_half else torch.float32, memory_format=torch.channels_last
        )
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor(self._about.mean, device=self.device).view(shape) * 255
        self._scale = 1 / (torch.tensor(self._about.std, device=self.device).view(shape) * 255)
        self._copies = torch.cuda.Stream(self.device) if self.device.startswith("cuda") else None

    def _rows(self, pixels: UInt8Array) -> Float32Array | None:
        """Launch batch after batch without waiting for any, so that a GPU copies the next one while it computes."""
        with torch.inference_mode():
            parts = [self._run(self._carried(pixels[i : i + self.batch])) for i in range(0, len(pixels), self.batch)]
            if not parts:
                return torch.zeros((0, self._about.dim)).numpy()  # type: ignore[no-any-return]
            rows = torch.cat(parts)
            if self._is_half and not bool(torch.isfinite(rows).all()):
                self._is_half = False
                self._on_notice(f"{self._about.title} overflows half precision; it runs in full precision, at half the speed.")
                self._settle()
                return None
            return functional.normalize(rows.float(), dim=-1).cpu().numpy()  # type: ignore[no-any-return]

    def _carried(self, pixels: UInt8Array) -> Any:
        """Bring bytes to the device (a quarter of what floats would take), from pinned memory and beside the computing."""
        there = torch.from_numpy(pixels)
        if self._copies is None:
            return there.to(self.device)
        pinned = there.pin_memory()
        with torch.cuda.stream(self._copies):
            carried = pinned.to(self.device, non_blocking=True)
        current = torch.cuda.current_stream(carried.device)
        current.wait_stream(self._copies)
        carried.record_stream(current)
        return carried

    def _run(self, pixels: Any) -> Any:
        # Rows of pixels seen as planes are channels-last already: nothing is copied.
        images = (pixels.permute(0, 3, 1, 2).float() - self._mean) * self._scale
        return self._model.encode_image(images.half() if self._is_half else images)

    def _halve(self) -> None:
        self.batch = max(1, self.batch // 2)
        torch.cuda.empty_cache()
        self._on_notice(f"The GPU's memory is full; {self._about.title} goes on with {self.batch} pictures at a time.")

    def _move_to_cpu(self) -> None:
        self.device, self.batch, self._is_half = "cpu", CPU_BATCH, False
        self._model = self._model.to("cpu")  # as it is: to change its precision on the way would take memory over there
        self._settle()
        torch.cuda.empty_cache()
        self._on_notice(f"The GPU has no room for {self._about.title}; it runs on the processor now, which is slower.")


class TextTower:
    """Embeds texts, always in float32: they are few, and language towers of other makers do not bear half precision."""

    def __init__(
        self, model: Any, tokenizer: Callable[[list[str]], Any], about: Description, device: str, on_notice: Notice
    ) -> None:
        self._model = only_words(model)
        self._tokenizer = tokenizer
        self._about = about
        self._on_notice = on_notice
        self.device = device
        try:
            self._model = self._model.to(device)
        except RuntimeError as error:
            if not is_out_of_memory(error) or device == "cpu":
                raise
        else:
            return
        self._move_to_cpu()

    def embed(self, texts: list[str]) -> Float32Array:
        """Return float32 ``[n, dim]``. Raises ``ModelError``."""
        if not texts:
            return torch.zeros((0, self._about.dim)).numpy()  # type: ignore[no-any-return]
        try:
            return self._rows(texts)
        except RuntimeError as error:
            if not is_out_of_memory(error) or self.device == "cpu":
                raise ModelError(
                    f"{self._about.title} failed on the {self.device} ({error}).", "Choose another model."
                ) from error
        self._move_to_cpu()
        return self._rows(texts)

    def _move_to_cpu(self) -> None:
        self.device = "cpu"
        self._model = self._model.to("cpu")
        self._on_notice(f"The GPU has no room for the words of {self._about.title}; they are read on the processor.")

    def _rows(self, texts: list[str]) -> Float32Array:
        tokens = self._tokenizer(texts)
        with torch.inference_mode():
            parts = [
                self._model.encode_text(tokens[i : i + TEXT_BATCH].to(self.device)) for i in range(0, len(tokens), TEXT_BATCH)
            ]
            return functional.normalize(torch.cat(parts).float(), dim=-1).cpu().numpy()  # type: ignore[no-any-return]


def exact_rows(
    model: Any, tokenizer: Callable[[list[str]], Any], about: Description, pixels: UInt8Array, texts: list[str]
) -> tuple[Float32Array, Float32Array]:
    """What a whole model on the CPU says in float32 of pictures and texts: what other forms of it are compared with."""
    shape = (1, 3, 1, 1)
    mean, std = torch.tensor(about.mean).view(shape), torch.tensor(about.std).view(shape)
    with torch.inference_mode():
        images = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - mean) / std
        rows = (model.encode_image(images), model.encode_text(tokenizer(texts)))
        seen, read = (functional.normalize(one.float(), dim=-1).numpy() for one in rows)
    return seen, read


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether an error of torch means that memory ran out: CUDA has a class for it, Metal only says so."""
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()
