"""A Salesforce org and the Salesforce CLI."""
