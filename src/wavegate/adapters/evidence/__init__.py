"""Evidence files: observations as JSON Lines, and the results that test runners write."""
