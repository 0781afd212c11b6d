"""The `validate` command: runs the checks of all rooms."""
