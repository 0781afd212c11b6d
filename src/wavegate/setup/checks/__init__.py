"""Checks of what `doctor` reads about notifications and permissions."""
