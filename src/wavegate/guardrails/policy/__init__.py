"""Policy as code over one commit: built-in rules, and the properties that a team states."""
