"""The only Django app: models, constraints, snapshots and migrations."""
