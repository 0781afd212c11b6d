"""Observations and transcripts, and the readers of every result format."""
