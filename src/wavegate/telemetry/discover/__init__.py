"""What an environment's org has: its tables, columns and words, and the telemetry file that fits them."""
