"""The gate: observations to one decision, and its renderings. It judges and changes nothing."""
