"""Metadata other than Agent Script, read as guardrails: agents, prompts, permissions, flows and Apex."""
