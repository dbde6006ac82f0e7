"""What people are told: an outbox row in the same transaction as its cause."""
