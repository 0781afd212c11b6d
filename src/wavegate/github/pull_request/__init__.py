"""What a pull request has beside its text: labels and reviews."""
