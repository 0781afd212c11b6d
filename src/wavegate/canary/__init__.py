"""The canary: when its cohorts got the pilot, what their sessions say, and what follows from it."""
