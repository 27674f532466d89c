"""The parsed page and its structure, shared by metadata, body and screening.

tree.py           bytes -> the one tree; flatten.py for markup nested too deeply; huge_blocks.py takes data out
segments.py       the text in reading order, segment by segment; inline_text.py the signs inside a line
visibility.py     what a reader cannot see, and what of it can be opened
element_index.py  elements by what their class and id names say (classwords.py)
page_signals.py   what the page looks like as a whole
jsonld.py         JSON-LD, repaired where it is broken; articletext.py reads the text in it
markdown.py       inline Markdown of one block
"""
