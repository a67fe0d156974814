"""Mail that comes in: from buyers to a desk of ours, or from one of us with a blind copy."""
