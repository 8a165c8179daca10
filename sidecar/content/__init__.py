"""What text holds, and what is done about it."""
