"""Checks of a release and its packs against the Salesforce project, for `validate`."""
