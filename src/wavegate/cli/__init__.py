"""What commands share: options, output, the GitHub Actions runner."""
