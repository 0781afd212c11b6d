"""The decision that authorizes a promotion: read, checked against itself, its packs and the release."""
