"""Charts that are read at a glance: what is drawn and where, and the table that says the same.

Each module makes one kind. Pure: numbers in, coordinates and words out; `{% chart %}` draws them.
Across, positions are hundredths of the width; down, they are pixels, so that letters keep their
size on a phone, a wide screen and paper. docs/howto/add-a-chart.md tells how to use them.
"""
