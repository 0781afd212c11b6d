"""Exact statistics and power. Pure; standard library only."""
