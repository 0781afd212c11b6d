"""Pure decisions: no clock, network, file, environment or randomness of its own."""
