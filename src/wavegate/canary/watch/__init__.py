"""A look at a running canary: when its cohorts started, what the telemetry says, and the record of the look."""
