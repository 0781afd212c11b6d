"""What the names in a manifest mean: prompts and actions by convention, further metadata by name or path."""
