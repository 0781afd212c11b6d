"""Whether everything is set up that a release needs, and what GitHub's API can set up by itself."""
