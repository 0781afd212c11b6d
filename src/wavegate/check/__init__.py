"""The `validate` command: puts the checks of all rooms together."""
