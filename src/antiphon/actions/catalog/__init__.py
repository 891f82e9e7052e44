"""The catalog, changed: by hand (`entities`, `links`, `contracts`, `contacts`), and by what is imported (`importing`).

Each field remembers who set it (`core.sources.origins`); `writing` is the one place where rows get their values.
"""
