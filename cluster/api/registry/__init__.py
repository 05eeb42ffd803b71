"""What is particular to each kind when it is written (upstream: pkg/registry). `strategies` is the table."""
