"""One command, one module: options and wiring, no decisions."""
