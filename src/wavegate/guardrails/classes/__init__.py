"""Who may make a change: an administrator alone, with a code review, or with a security review."""
