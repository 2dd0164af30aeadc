"""What happens to a run: what it follows from, how it goes on, and what is kept of it."""
