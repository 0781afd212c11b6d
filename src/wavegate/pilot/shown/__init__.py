"""A planned pilot for people and machines to read."""
