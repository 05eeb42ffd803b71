"""The Kubernetes API: pure foundations (schemas, patches, ownership of fields, bodies) that the HTTP views use."""
