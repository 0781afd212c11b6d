"""What a decision is based on, in its first lines."""
