"""The drift monitor: has what a publication was meant to leave alone changed since?

control_limits   what chance alone would let through; pure
windows          which whole days are compared; pure
counts           what the log says of those days
verdicts         acceptance, reasons and volume judged against their limits; pure
causes           the parts of the kit that could explain a verdict; pure
publications     all of it for the versions that were published
alarms           what is kept of it: opened, closed, acknowledged
"""
