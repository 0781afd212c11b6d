"""GitHub's interface: one client for transport, and typed calls on top of it."""
