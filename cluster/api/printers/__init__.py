"""API objects built from rows, and their output as JSON, Tables and logs (upstream: pkg/printers)."""
