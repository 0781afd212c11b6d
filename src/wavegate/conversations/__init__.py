"""Conversations with people, as they were recorded in production, and the readers of their formats."""
