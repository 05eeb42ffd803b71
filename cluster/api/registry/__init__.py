"""The rules for writing each kind (upstream: pkg/registry). `strategies` is the table."""
