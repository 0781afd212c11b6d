"""What was live when, and by whose approval."""
