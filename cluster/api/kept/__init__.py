"""Processing of kept kinds before storage: decoding, defaults, validation. Values only, without the database."""
