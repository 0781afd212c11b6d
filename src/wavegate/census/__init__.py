"""The expected cases of every test: from test definitions of the project, from test specs, or from the pack."""
