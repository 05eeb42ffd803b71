"""Services and their endpoints: what the endpoint controllers read and write."""
