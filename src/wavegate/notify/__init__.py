"""Notifies people of what they have to decide or know: chat, webhook, issue, discussion. It never fails a release."""
