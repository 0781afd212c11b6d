"""The components of a Salesforce project: index, references, closure, names and changes."""
