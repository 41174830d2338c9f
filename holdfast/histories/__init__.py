"""What real histories show when Holdfast measures them: docs/findings.md, its figures and its charts."""
