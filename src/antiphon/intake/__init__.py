"""The door for alerts: key, decode, upsert, group commit, and only then 2xx."""
