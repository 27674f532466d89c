"""What servers do wrong on the wire, by accident or on purpose: name -> how, and what must be told of it.

`told` is the reason slug, "" when the page must come whole; then `body` is what it must be. Each costs that page only.
A misbehaviour is added where it belongs, and is a case of the tests.
"""

from tests.fetch.misbehaviours import bodies, heads, messages, packing, redirecting, unlisted
from tests.fetch.misbehaviours.making import CASES, PAGE, Case

__all__ = ["CASES", "PAGE", "Case", "bodies", "heads", "messages", "packing", "redirecting", "unlisted"]
