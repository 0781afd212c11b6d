"""Reads back what an org runs after a deployment, and brings its flows in line with the release."""
