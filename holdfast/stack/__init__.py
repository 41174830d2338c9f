"""The local stack: a real Kafka broker and a real Elasticsearch node from pinned jars, and the services beside them.

For trying, developing and testing on one machine without Docker or Java. Everything listens on loopback; data stays
in the data directory. The product itself only speaks the Kafka protocol and the REST API.
"""
