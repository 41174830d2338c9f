"""Composition root: command line, settings, local stack, process supervision."""
