"""The brief: what the reviewer of a promotion needs to know, on one screen."""
