"""Requests to servers that people name here: to public addresses only, bounded in time and size."""
