"""The plan of a pilot."""
