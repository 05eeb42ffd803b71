"""Watches and followed logs: plain ASGI, with one reader of the journal for all equal watches."""
