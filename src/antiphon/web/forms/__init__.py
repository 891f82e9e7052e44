"""Forms of the screens, by noun: what was typed is kept, and a refusal is shown at its field."""
