"""The comparison of two commits, one module for each kind of guardrail."""
