"""Watches and followed logs: plain ASGI, one reader of the journal for all who watch the same."""
