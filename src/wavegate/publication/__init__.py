"""The publication of Agent Scripts: each at most once in an org, and as which version."""
