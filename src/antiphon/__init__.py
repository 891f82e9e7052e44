"""Incident response on two tracks, technical and business."""

__version__ = "0.1.0"
