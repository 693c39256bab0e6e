"""A local AWS on loopback, driven by botocore's service models."""
