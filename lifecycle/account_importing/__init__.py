"""Accounts out of a CRM's export: headings, rows, two passes. See docs/howto/accounts.md."""
