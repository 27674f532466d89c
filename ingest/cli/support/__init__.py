"""What the commands share; each command itself is a file one level up, named as it is typed.

app.py            options common to all commands, and the Config they give; versions.py
crawl_process.py  one crawl in this process; batch.py the crawl of a worker
planning.py       options and plan of commands that crawl; shards.py, durations.py values of options
one_page.py       one page fetched with nothing left behind; one_article.py it on stdout
output.py         tables and JSON; article_view.py an article in a terminal
progress.py       the live view; summary.py the closing table; notify.py alerts after a run
seed_report.py    the state of seeds; seed_choice.py which of those found to take
fleet_status.py   workers and queue; completion.py names for the shell
"""
