"""One outside thing each: GitHub, git, the runner, files, Salesforce."""
