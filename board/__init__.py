"""REST API and live NOC board."""
