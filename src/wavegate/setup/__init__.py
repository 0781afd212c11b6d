"""Set up a repository: init, doctor and the workflow templates."""
