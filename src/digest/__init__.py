"""A day of research papers in five minutes, without a byte leaving the machine."""

__version__ = "0.1.0"
