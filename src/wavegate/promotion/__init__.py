"""Whether a release may enter an environment: admission rules, the decision file, the brief and the comment."""
