"""Reports for people: postmortems, scorecards and packs for reviews, as Markdown, HTML and PDF (ADR 0028)."""
