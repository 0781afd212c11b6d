"""The life of a pilot's copies in an org: who gets them, what of the live agent is taken away, and their end."""
