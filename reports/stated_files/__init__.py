"""Tables of costs and quotas out of spreadsheets and other systems: read, tried, taken in."""
