"""Access to the API: tokens, certificates, roles and rate limits."""
