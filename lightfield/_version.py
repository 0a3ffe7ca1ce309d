"""The version of the distribution ``lightfield-async``."""

__version__ = "0.1.0"
