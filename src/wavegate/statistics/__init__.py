"""Exact statistics and statistical power. Pure; standard library only."""
