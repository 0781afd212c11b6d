"""What was tested: the tests with their observations, the kinds of checks, and the versions of the agents."""
