"""What a deployment needs before it begins: what it sends, staged and checked, and a login that may deploy."""
