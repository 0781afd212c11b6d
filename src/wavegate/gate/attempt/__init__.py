"""Which attempt at passing a gate a decision is."""
