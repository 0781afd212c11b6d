"""Frozen values that the rest of the package speaks in."""
