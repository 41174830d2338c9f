"""kafka-python consumers: index into Elasticsearch, deliver pages, guard the dead letters."""
