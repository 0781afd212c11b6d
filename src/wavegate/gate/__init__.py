"""The promotion gate: judges observations and renders the decision. It changes nothing."""
