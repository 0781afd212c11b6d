"""What one look measures: who had the release, how each metric changed, guards, budgets."""
