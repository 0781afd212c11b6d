"""Where names stand in each type of file, and the same file with the names of copies in those places."""
