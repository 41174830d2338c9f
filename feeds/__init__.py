"""Provider formats become notices: one dialect per file, a registry, pollers (architecture.md)."""
