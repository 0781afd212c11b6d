"""The staged release: one folder with exactly what a deployment sends, checked by the Salesforce CLI."""
