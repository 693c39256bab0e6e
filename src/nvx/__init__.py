"""nvx: Terraform for model customization on AWS."""

__version__ = "0.1.0"
