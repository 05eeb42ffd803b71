"""What an API server does to objects as values (upstream: apimachinery): schemas, patches, server-side apply, protobuf."""
