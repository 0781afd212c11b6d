"""Release notes: what changed between two releases, in the words of those who are affected."""
