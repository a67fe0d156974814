"""The daily seal over the logs: made when a day is over, checked by `verify`. See docs/adr/0014."""
