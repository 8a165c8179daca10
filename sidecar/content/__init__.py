"""What text and JSON hold that may not cross: found in a worker process, judged and rewritten by pure functions."""
