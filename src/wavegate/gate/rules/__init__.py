"""Rules that criteria are judged by."""
