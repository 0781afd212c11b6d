"""Stopping an agent in an org, or switching it back to a version that was live before."""
