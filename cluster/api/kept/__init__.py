"""What an API server does to an object of a kept kind before it is stored: decode, default, validate. Values only."""
