"""What people decided about an environment, beside its releases: stops, restarts, locks and rollbacks."""
