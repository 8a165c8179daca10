"""What in a text is meant for the model and not for who reads it: hidden, disguised, or addressed to it."""
