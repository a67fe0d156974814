"""Facts: what became of each lead, kept from the log, and their sums by day."""
