"""The files of a release: manifest and smoke packs, their rules and readiness."""
