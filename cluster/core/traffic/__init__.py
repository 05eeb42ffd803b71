"""Requests to a Service: a model with stated assumptions, on top of the exact simulation of the controllers."""
