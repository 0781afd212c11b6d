"""The built-in rules, by what they look at."""
