"""The Faust application: normalise, track, keep time, escalate; thin agents over the pure core."""
