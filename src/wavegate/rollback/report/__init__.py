"""A rollback as people read it: pull request, step summary, log lines and comments."""
