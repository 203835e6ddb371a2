"""Fixtures that every folder of tests may use: real nodes of the engines, started once a session when they are asked for."""

pytest_plugins = ("engines.fixtures", "tiny_clip_fixtures")
