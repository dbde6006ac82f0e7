"""Objections and appeals: raised by anybody concerned, decided by those who had no hand in it."""
