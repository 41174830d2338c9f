"""Tests of the board in a real browser."""
