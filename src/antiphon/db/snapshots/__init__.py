"""Loading and saving what `core` decides on: one `load` and one `save` per aggregate, by noun."""
