"""The body: which blocks of a page are the article's text.

body.py           tree -> blocks, the cut ones marked
structure.py      what the page's structure cuts before the model is asked
page_view.py      everything the decision looks at; features.py as numbers for the model
blocks.py         the decision for each block, by the model (tree_ensemble.py, blocks.npz) and trafilatura's text
alignment.py      which segments stand in the text of another extractor
units.py          decisions on several segments together: tables, footnotes, listings, copies
gap_filling.py    cut segments that come back because of what is kept around them
appeals.py        blocks that speak for the site; authornotes.py notes about the author
"""
