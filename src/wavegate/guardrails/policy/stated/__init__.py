"""The properties that a team states: read, and checked by structure or by proof."""
