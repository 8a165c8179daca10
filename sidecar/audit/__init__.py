"""What is recorded of verdicts, how records are chained and kept, and who reads them."""
