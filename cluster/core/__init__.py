"""The pure core: values in, changes out. No Django, no I/O, no clock, no randomness."""
