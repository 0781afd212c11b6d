"""Logging in to an org for the later steps of a job."""
