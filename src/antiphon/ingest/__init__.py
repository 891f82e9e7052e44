"""One file per alert format: bytes in, observations out."""
