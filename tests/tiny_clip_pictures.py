"""Generated pictures of coloured shapes, and what can truthfully be said of them: what the tiny CLIP learns and is tested by.

``draw(scene, size, random)`` -> a picture; ``caption(said)`` -> words; ``holds(scene, said)`` -> whether they are true.
The pairs of ``HELD_OUT`` never occur in training, neither as pictures nor as words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

COLOURS = {
    "red": (214, 40, 40),
    "green": (44, 160, 60),
    "blue": (40, 70, 210),
    "yellow": (240, 215, 40),
    "purple": (140, 50, 170),
    "orange": (245, 135, 25),
    "white": (250, 250, 250),
    "black": (15, 15, 15),
}
SHAPES = ("circle", "square", "triangle", "star", "cross", "ring")
COUNTS = ("one", "two", "three", "four")
SIZES = ("small", "large")
PLACES = ("on the left", "on the right", "at the top", "at the bottom", "in the middle")
HELD_OUT = frozenset(
    {
        ("red", "circle"),
        ("blue", "square"),
        ("yellow", "star"),
        ("green", "triangle"),
        ("purple", "ring"),
        ("black", "cross"),
    }
)
SUPERSAMPLING = 3
_CENTRES = {
    "on the left": (0.25, 0.5),
    "on the right": (0.75, 0.5),
    "at the top": (0.5, 0.25),
    "at the bottom": (0.5, 0.75),
    "in the middle": (0.5, 0.5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One kind of shape. ``place`` is told only where there is one shape and it is small: else it would mean nothing."""

    colour: str
    shape: str
    count: str = "one"
    size: str = "small"
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a caption says; None where it does not say it."""

    colour: str | None = None
    shape: str | None = None
    count: str | None = None
    size: str | None = None
    place: str | None = None


def random_scene(random: np.random.Generator, *, pairs: list[tuple[str, str]]) -> Scene:
    """Choose a scene among these pairs of colour and shape."""
    colour, shape = pairs[random.integers(len(pairs))]
    count = COUNTS[random.choice(4, p=[0.55, 0.15, 0.15, 0.15])]
    size = SIZES[random.integers(2)]
    is_placed = count == "one" and size == "small"
    return Scene(
        colour=colour, shape=shape, count=count, size=size, place=PLACES[random.integers(len(PLACES))] if is_placed else None
    )


def all_pairs(*, held_out: bool) -> list[tuple[str, str]]:
    """The pairs of colour and shape that are trained on, or those that are kept from training."""
    pairs = [(colour, shape) for colour in COLOURS for shape in SHAPES]
    return [pair for pair in pairs if (pair in HELD_OUT) == held_out]


def holds(scene: Scene, said: Said) -> bool:
    """Whether what is said is true of the scene."""
    return all(getattr(said, name) in (None, getattr(scene, name)) for name in ("colour", "shape", "count", "size", "place"))


def caption(said: Said) -> str:
    """Put it in words: "a small red circle on the left", "three blue squares", "something green"."""
    noun = said.shape or "shape"
    if said.count not in (None, "one"):
        noun += "es" if noun == "cross" else "s"
    words = [said.size, said.colour, noun]
    if said.count in (None, "one"):
        first = next(word for word in words if word)
        words.insert(0, "an" if first[0] in "aeiou" else "a")
    else:
        words.insert(0, said.count)
    return " ".join(word for word in [*words, said.place] if word)


def draw(scene: Scene, size: int, random: np.random.Generator) -> Image.Image:
    """Draw the scene, ``size`` pixels square, on a dull ground with some noise, no two alike."""
    side = size * SUPERSAMPLING
    ground = random.integers(90, 175) + random.integers(-14, 15, 3)
    image = Image.new("RGB", (side, side), tuple(int(value) for value in ground))
    pen = ImageDraw.Draw(image)
    colour = tuple(int(np.clip(value + random.integers(-14, 15), 0, 255)) for value in COLOURS[scene.colour])
    for x, y, radius in _spots(scene, random):
        turn = random.uniform(-0.35, 0.35)
        _shape(pen, scene.shape, (x * side, y * side), radius * side, turn, (colour, tuple(int(v) for v in ground)))
    small = np.asarray(image.resize((size, size), Image.Resampling.BOX), np.float32)
    noisy = small + random.normal(0, 4, small.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def _spots(scene: Scene, random: np.random.Generator) -> list[tuple[float, float, float]]:
    """Return centre and radius of each shape, as shares of the side; several stand in the cells of a 2 x 2 grid."""
    count = COUNTS.index(scene.count) + 1
    if count == 1:
        radius = random.uniform(0.11, 0.15) if scene.size == "small" else random.uniform(0.30, 0.38)
        x, y = _CENTRES[scene.place or "in the middle"]
        slack = 0.05
        return [(x + random.uniform(-slack, slack), y + random.uniform(-slack, slack), radius)]
    radius = random.uniform(0.08, 0.11) if scene.size == "small" else random.uniform(0.17, 0.21)
    cells = random.permutation([(0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)])[:count]
    return [(x + random.uniform(-0.03, 0.03), y + random.uniform(-0.03, 0.03), radius) for x, y in cells]


def _shape(
    pen: ImageDraw.ImageDraw,
    shape: str,
    centre: tuple[float, float],
    radius: float,
    turn: float,
    colours: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    x, y = centre
    colour, ground = colours
    if shape in ("circle", "ring"):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        if shape == "ring":
            hole = radius * 0.55
            pen.ellipse((x - hole, y - hole, x + hole, y + hole), fill=ground)
        return
    pen.polygon(
        [(x + radius * r * math.sin(a + turn), y - radius * r * math.cos(a + turn)) for r, a in _outline(shape)], fill=colour
    )


def _outline(shape: str) -> list[tuple[float, float]]:
    """Return the corners as (share of the radius, angle from the top)."""
    if shape == "square":
        return [(1.1, math.pi / 4 + k * math.pi / 2) for k in range(4)]
    if shape == "triangle":
        return [(1.15, k * 2 * math.pi / 3) for k in range(3)]
    if shape == "star":
        return [(1.2 if k % 2 == 0 else 0.5, k * math.pi / 5) for k in range(10)]
    arm, reach = 0.3, 1.1  # a cross: twelve corners
    corners = [(arm, reach), (arm, arm), (reach, arm), (reach, -arm), (arm, -arm), (arm, -reach)]
    points = corners + [(-x, -y) for x, y in corners]
    return [(math.hypot(x, y), math.atan2(x, y)) for x, y in points]
