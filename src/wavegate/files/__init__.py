"""Strict reading of files, with the place of every value."""
