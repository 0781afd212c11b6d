"""Finds personal data in text, and replaces it."""
