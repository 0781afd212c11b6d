"""What the acts of the ledger mean for a deployment: stopped agents stay so, and what it ends is recorded."""
