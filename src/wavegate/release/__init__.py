"""The files of a release: its manifest and smoke packs, their rules, and readiness."""
