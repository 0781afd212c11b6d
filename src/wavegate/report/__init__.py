"""Renderers: a decision or a list of findings to what a person or a tool reads."""
