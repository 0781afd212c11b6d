"""Which component's change made a smoke test fail, by replaying subsets of the changes between two releases."""
