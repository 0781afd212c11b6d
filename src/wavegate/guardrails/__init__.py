"""What bounds an agent: its model, the difference between two commits, policy, proofs, and mutants of a pack."""
