"""A tenant that issues."""

from tests.factories.registry import registry

__all__ = ["registry"]
