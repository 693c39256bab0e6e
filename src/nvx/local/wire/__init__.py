"""The wire protocols of AWS, parsed and rendered from the service models."""
