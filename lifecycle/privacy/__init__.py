"""Everything about one person: found, given out as one file, or erased. Not what they allowed."""
