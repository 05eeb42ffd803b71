"""The Kubernetes API: request handling, storage of each kind, and responses as the API server gives them."""
