"""The checkout's git repository."""
