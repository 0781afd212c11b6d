"""What the evidence tested: the kinds of checks in it, and the versions of the agents."""
