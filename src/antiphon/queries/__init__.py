"""Reads shared by web, API and command line; each answers frozen dataclasses."""
