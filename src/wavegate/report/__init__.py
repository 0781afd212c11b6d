"""One self-contained HTML page about an agent's releases, for people who would rather look than read."""
