"""The same small house as the API's stories, on a real database."""

from tests.edges.api.conftest import furnished

__all__ = ["furnished"]
