"""Speed and scale of Holdfast on real servers, as ratios where a ratio can be had: ``python -m benchmarks --help``."""
