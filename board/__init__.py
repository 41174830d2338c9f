"""REST API and live NOC board: a view on topics and indices that decides nothing."""
