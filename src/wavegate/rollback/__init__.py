"""Rolling back: plan, rehearsal, branch and pull request."""
