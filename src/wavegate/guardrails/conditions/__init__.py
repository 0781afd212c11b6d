"""Conditions of guards and branches: read, printed as the compiler prints them, and compared by truth."""
