"""Bringing a file of buyers in: read the table, translate its rows, take them down the lead's path.

    reading      a file as it is (encodings, separators, broken quotes) to numbered rows
    mapping      which heading means what; presets in YAML
    translating  one row to one touch
    run          rows in batches through intake and pipeline, every one accounted for
    report       what became of each row

Nothing here decides about leads; that is the pipeline's.
"""
