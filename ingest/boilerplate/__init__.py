"""Text blocks that recur across the articles of one source, learned from the articles themselves.

`learn` counts the blocks of one source's articles by their shape (words in order, numbers made alike, gaps where words
change) and decides which of those that recur are boilerplate; `strip` marks them in an article; `plain` does the same
for text that was scraped before. All are pure functions: the store keeps the blocks, `ingest.ops.relearn` connects
both.

Recurrence over pages as the sign of boilerplate: Bar-Yossef and Rajagopalan 2002, "Template detection via data mining
and its applications"; Yi, Liu and Li 2003, "Eliminating noisy information in Web pages for data mining".

learn.py            a source's articles -> its recurring blocks; decide.py the decision, evidence.py what it rests on
occurrences.py      blocks where they stand; clusters.py one block in all its wordings, pattern.py its shape
finder.py           the index of shapes; block_index.py the known blocks of a source
near_duplicates.py  articles that count as one
containers.py, headings.py    containers that hold nothing of the article, or its own headings
bios.py, pointers.py          notes about authors; blocks that name other articles
strip.py            cut the learned blocks of an article; plain.py those of a text without its page

explain.py   Why a block is held to be boilerplate, in one line for people
promotes.py   Does a block speak for the site and to its reader? "We", "our", "you", the site's name
"""

from ingest.boilerplate.strip import strip, unstrip, why_cut
from ingest.model import KnownBlock, Learned

__all__ = ["KnownBlock", "Learned", "strip", "unstrip", "why_cut"]
