"""Where an environment's sessions are found and what its words mean: the telemetry file, checked by schema."""
