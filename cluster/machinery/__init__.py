"""What an API server does with objects as plain values (upstream: apimachinery): schemas, patches, server-side apply,
protobuf."""
