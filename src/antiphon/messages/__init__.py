"""Shipped texts for each audience and moment."""
