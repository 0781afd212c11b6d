"""A whole release on one machine."""
