"""What runs tests without an org: any program, or recorded transcripts."""
