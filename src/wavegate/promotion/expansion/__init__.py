"""Expansions of a canary on their way into an environment: were they merged with support ready?"""
