"""The numbers of the recipe; each was chosen on the dev half of the labelled set and is explained in docs/starter-model.md."""

from __future__ import annotations

from typing import Any

PARAMS: dict[str, Any] = {
    "power": 0.3,
    "animal_classes": 398,
    "image_cue_scale": 0.35,
    "image_cue_limit": 0.8,
    "temperature": 0.05,
    "node_weight": 1.0,
    "gate_at": 0.6,
    "gate_width": 0.04,
    "broad_temperature": 0.06,
    "broad_weight": 0.25,
    "usual_weight": 0.5,
    "cue_temperature": 0.03,
    "cue_weight": 0.43,
    "colour_weight": 0.86,
    "ease_temperature": 0.075,
    "ease_limit": 0.25,
    "ease_weight": 0.7,
}
DIMENSIONS = 512
