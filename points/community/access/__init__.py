"""How people come in: passwords, one-time codes, sessions, tokens, and a brake on guessing."""
