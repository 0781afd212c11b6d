"""What commands share: options, reports and the GitHub Actions runner."""
