"""What must always be true, each as one question to the database that names every offender.

`run.check()` asks them all; `manage.py verify` prints the answers. One module per concept.
"""
