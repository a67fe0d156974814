"""Asking others what they know of a buyer, after intake and beside everything else.

    pipeline ─▶ queueing: one question per company and provider, as rows
    worker   ─▶ asking: takes a row, asks outside any transaction, tries again ever later
                learning: one transaction takes what the kit lets it take, and judges leads again

Providers are `builtin` (offline) or `remote` (HTTP, through `fetching`, which connects to public
addresses only). None of it is waited for by a request or by the pipeline.
"""
