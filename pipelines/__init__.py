"""What happens to one page, in this order.

1. snapshot   keep the raw page first, so that a fault in our code loses nothing
2. extract    page -> article: blocks, metadata, where each came from
3. strip      cut what recurs on this site, before screening: a page of nothing but a sign-up form is too short
4. screen     let articles through; the rest ends here with a reason, before an error page can be an article's duplicate
5. identify   new, revision, unchanged or duplicate: decides between insert and revision
6. store      one transaction: article, revision, blocks, outcome

A stage takes the item, calls one package and passes the result on. Thresholds and SQL stand in the packages.
"""
