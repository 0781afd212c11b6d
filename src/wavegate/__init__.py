"""wavegate: release discipline for Salesforce Agentforce agents on GitHub Actions."""

__version__ = "0.1.0"
