"""The monthly governance review: a frozen month, findings with decisions, two signatures, a pack.

`opening` opens it, `sections` say what it shows, `proposals` what they give to decide, `findings`
is where people decide, `closing` where Sales and Marketing sign; `pack_html` and `pack_pdf` print
what was signed.
"""
