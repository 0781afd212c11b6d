"""Whom a pilot reaches."""
