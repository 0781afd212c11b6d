"""Observations, transcripts, and the readers of all result formats."""
