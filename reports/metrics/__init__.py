"""Metrics: every number the company is led by, declared once and counted from facts."""
