"""HTTP to one service at a time: deadlines, limits, safe retries, and one clear error for whatever comes back."""
