"""Signals that come by themselves: received, brought to their buyer's lead, or kept waiting."""
