"""Adoption: which commit an org already runs, and the first entry of the ledger."""
