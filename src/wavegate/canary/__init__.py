"""Judging a canary, and the health of a live release: from daily sums to expand, hold or roll back."""
