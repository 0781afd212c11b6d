"""The review after a release: what happened, what people said, what follows from it, and who does that by when."""
