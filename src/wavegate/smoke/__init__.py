"""Smoke runs: runners, and policies checked on transcripts."""
