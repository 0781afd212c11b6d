"""The status of environments: what holds them, what is live, and since when; now, or at a past moment."""
