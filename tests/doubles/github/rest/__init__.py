"""The REST API over the state."""
