"""Kibana dashboards as code: data views, panels, the checks that need no Kibana, and the loader."""
