"""Index templates, Kibana dashboards as code, and their installer."""
