"""May a release enter an environment: admission rules, the decision file, the reviewer's brief and comment."""
