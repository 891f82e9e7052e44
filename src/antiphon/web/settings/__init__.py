"""The settings pages, by noun. What they change takes effect at once and stands on the record."""
