"""Expanding a canary: the next step, as one pull request that edits the manifest."""
