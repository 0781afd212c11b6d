"""What a promotion ships and changes: hazards, risk, shards."""
