"""Who belongs: areas, people, roles, guardians, consents, and how they come in (``access``)."""
