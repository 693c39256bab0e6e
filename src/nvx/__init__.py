"""nvx: Terraform for model customization on AWS."""
