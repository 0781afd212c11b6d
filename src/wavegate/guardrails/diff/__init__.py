"""What a commit changes in what bounds the agents."""
