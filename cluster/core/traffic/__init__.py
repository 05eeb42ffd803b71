"""Requests to a Service: a stated model on top of what the controllers do exactly."""
