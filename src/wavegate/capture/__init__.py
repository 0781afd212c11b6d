"""A failure in production becomes a redacted smoke test that shows it, in a ready pull request."""
