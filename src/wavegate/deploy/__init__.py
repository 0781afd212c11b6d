"""Changing an org: staging, the job, activation, the kill switch, and the record of it."""
