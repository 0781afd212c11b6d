"""Whether a pilot keeps a release from everybody else, as a project tells."""
