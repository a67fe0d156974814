"""Opportunities out of another system, a batch at a time. See docs/howto/opportunities.md."""
