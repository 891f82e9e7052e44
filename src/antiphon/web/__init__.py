"""Views, forms, templates and static files."""
