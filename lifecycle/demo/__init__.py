"""A living demo company, told through the product's own doors with time passed in.

company.py    people, shifts, leave, pools, the signed kit
buyers.py     made-up companies and buyers; journeys.py what they do; scenes.py what is due now
floor.py      what reps and managers do about it, when they are at work; selling.py what AEs sell
chapters.py   what apps above add to it
story.py      the clock that runs through ninety days and ends now
"""
