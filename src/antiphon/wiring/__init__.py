"""The composition root: where the rooms are put together into processes."""
