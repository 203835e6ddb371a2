"""PIXELS, WORDS -> VECTORS: what comes in are views (uint8 pixels) and texts, what goes out are float32 rows of unit length."""

import os

# ONNX Runtime (1.32 on Linux; others as they come) counts its sessions under an id of this computer, which it keeps below
# ~/.cache/Microsoft, and sends them to its maker. It looks at this variable when it is loaded; its own call to switch that off
# comes too late. Nothing leaves this computer, so nobody's environment may say otherwise.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
