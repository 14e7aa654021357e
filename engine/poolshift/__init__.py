"""poolshift: Terraform for user migrations. One spec, one plan against the destination, one repeatable apply."""

__version__ = "0.1.0"
