"""Pilots that limit who meets a release: copies of agents beside the live ones, and what no copy can limit."""
