"""The Faust applications: normalise, track and keep time. Thin: ``models`` decides, ``batch`` makes durable."""
