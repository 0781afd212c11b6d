"""Findings: what is wrong in the user's files, and their renderings."""
