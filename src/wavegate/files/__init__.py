"""Strict reading of files, with the position of every value."""
