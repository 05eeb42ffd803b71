"""Objects as they are shown: built of rows, as JSON, tables and logs (upstream: pkg/printers)."""
