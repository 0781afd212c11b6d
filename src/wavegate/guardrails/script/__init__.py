"""Agent Script read as it is written and as the official compiler emits it, with every difference named."""
