"""The run loop: steps every row whose wake_at has come."""
