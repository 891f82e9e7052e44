"""Decisions, pure: values in, values out; no framework, clock, random, logging or I/O."""
