"""Getting in: keys, certificates, who may do what, and how often."""
