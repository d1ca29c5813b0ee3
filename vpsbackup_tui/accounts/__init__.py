"""Whose account: settings, and where the token comes from. The only place that knows keyring."""
