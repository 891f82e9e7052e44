"""Public pages rendered to files."""
