"""Runs of a test on variants of the checkout: each in a temporary copy, judged by its pack, and remembered."""
