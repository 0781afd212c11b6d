"""Findings: problems in the user's files, and their renderings."""
