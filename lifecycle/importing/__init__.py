"""Bringing a file of buyers in: read the table, translate its rows, take them down the lead's path.

    reading      a text table as it is (encodings, separators, broken quotes) to numbered rows
    workbook     a sheet of a workbook to the same
    tables       either of them
    mapping      which heading means what; presets in YAML
    guessing     a mapping for headings nobody knows
    translating  one row to one touch
    run          rows in batches through intake and pipeline, every one accounted for
    rehearsing   which earlier rows a batch of a dry run must be shown
    report       what became of each row
    files        the uploaded file, kept for some days
    runs         what people ask: upload, check, import, cancel, go on
    working      what the worker does of it, batch by batch recorded

Nothing here decides about leads; that is the pipeline's.
"""
