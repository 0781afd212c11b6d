"""Why a canary is expanded, held or rolled back, in sentences."""
