"""Mutants of an agent's guardrails: would the smoke pack notice if one were gone?"""
