"""A draft tried on leads of the past, beside the version in force. Writes no lead.

    history    what was known of each lead, and what was done with it, when      reads
    judging    what a kit makes of that: MQL, score, pool                        pure
    rota       who gets whom, all leads together, in the order of time           pure but for staff
    ticking    which clocks run, when they are due, whether they were met        pure
    comparing  in what two outcomes differ                                       pure
    replay     all of it for a window of time, lead by lead
    runs       the stored runs: asked for, taken up, finished

Every rule is applied by the function that applies it to live leads; here is only the order of
things, which for the past is known.
"""
