"""Composition root: command line, settings, local stack, process supervision."""

VERSION = "0.1.0"
"""That of pyproject.toml; a test holds the two together."""
