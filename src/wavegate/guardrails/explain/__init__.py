"""What an agent may do, in plain language and as a diagram."""
