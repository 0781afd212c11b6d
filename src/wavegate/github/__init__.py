"""GitHub's API: one client for transport, and typed calls on top of it."""
