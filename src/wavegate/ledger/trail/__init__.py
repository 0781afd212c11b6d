"""The history of environments: every entry of the ledger, and what release engineers count in it."""
