"""Smoke runs: the runners, and the checks of policies against transcripts."""
