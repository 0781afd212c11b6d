"""The deployment ledger: which release was live when, and who approved it."""
