"""The guardrail policy that a team writes: its values and its file."""
