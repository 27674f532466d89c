"""Articles: revisions, blocks and near-duplicates.

articles.py       reading and stripping again; saving.py writing one; article_rows.py columns and values
adding.py         new articles, several with one statement a table; write_buffer.py which wait for each other
retract.py        taking back what was no article
candidates.py     stored articles that a new one may be the same as
fingerprints.py   MinHash bands as rows; clusters.py one text on several sites
changes.py        revisions beside the ones before, removed articles
blocks.py         blocks that recur over a source's articles

adding.py   Adding new articles, several with one statement a table
write_buffer.py   Writes that wait for each other while a crawl shares commits: new articles, their pages' e
"""
