"""Setting up a repository: init, doctor, the workflow templates."""
