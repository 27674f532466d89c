"""Bodies packed to hurt, or badly."""

from __future__ import annotations

import gzip
import zlib

import brotli

from tests.fetch.misbehaviours.making import (
    PAGE,
    ZEROS,
    case,
    packed,
    packed_page,
    sent,
    wide_zstd,
    zstd,
)

for how in ("gzip", "deflate", "br", "zstd"):
    case(f"a {how} bomb", "bomb")(sent(packed(how), how))
    case(f"a page packed with {how}")(sent(packed_page(how), how))
    case(f"a stream of {how} that ends early", "truncated")(sent(packed_page(how)[:-9], how))
    case(f"a stream of {how} with a broken middle", "bad-encoding|truncated")(
        sent(packed_page(how)[:12] + b"\xff\xaa\x55" * 9 + packed_page(how)[40:], how)
    )
case("a raw deflate bomb", "bomb")(sent(packed("raw deflate"), "deflate"))
case("a bomb in a bomb", "bomb")(sent(gzip.compress(packed("gzip")), "gzip, gzip"))
case("a bomb in a bomb that the headers do not name", "bomb")(sent(gzip.compress(packed("gzip")), None))
case("a bomb whose headers say it is plain", "bomb")(sent(packed("gzip"), "identity"))
case("four layers of gzip", "bomb")(
    sent(gzip.compress(gzip.compress(gzip.compress(gzip.compress(PAGE)))), "gzip, gzip, gzip, gzip")
)
case("two layers of gzip that hold a page")(sent(gzip.compress(gzip.compress(PAGE)), "gzip, gzip"))
case("layers of two kinds")(sent(gzip.compress(brotli.compress(PAGE)), "br, gzip"))
case("a bomb on an error page", "http-404")(sent(packed("gzip"), "gzip", "404 Not Found"))
case("a broken stream on an error page", "http-500")(sent(b"\x1f\x8b\x08nothing", "gzip", "500 Oops"))
case("zstd with a window of a gigabyte", "bad-encoding")(sent(wide_zstd(), "zstd"))
case("gzip with a wrong checksum", "bad-encoding")(sent(gzip.compress(PAGE)[:-8] + b"\1" * 8, "gzip"))
case("raw deflate under the name deflate")(
    sent((lambda packer: packer.compress(PAGE) + packer.flush())(zlib.compressobj(9, zlib.DEFLATED, -15)), "deflate")
)
case("gzip of two members")(sent(gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:]), "gzip"))
case("gzip followed by zeros")(sent(gzip.compress(PAGE) + b"\0" * 512, "gzip"))
case("plain bytes under the name gzip")(sent(PAGE, "gzip"))
case("an encoding nobody knows")(sent(PAGE, "utf-8"))
case("an encoding we do not read", "bad-encoding")(sent(PAGE, "compress"))
case("an empty body under the name gzip", body=b"")(sent(b"", "gzip"))


case("gzip of nothing", body=b"")(sent(gzip.compress(b""), "gzip"))
case("gzip followed by an advert", body=PAGE)(sent(gzip.compress(PAGE) + b"<script>ad()</script>" * 50, "gzip"))
case("gzip with a name and a comment")(
    sent(b"\x1f\x8b\x08\x18\0\0\0\0\0\xff" + b"n" * 70_000 + b"\0c\0" + gzip.compress(PAGE)[10:], "gzip")
)
case("a thousand members of nothing, then a page")(sent(gzip.compress(b"") * 1000 + gzip.compress(PAGE), "gzip"))
case("a million members of nothing", "bad-encoding|bomb|truncated|", body=b"")(
    sent(gzip.compress(b"") * 400_000, "gzip")
)
case("an unknown encoding around a known one")(sent(gzip.compress(PAGE), "gzip, sdch"))
case("encodings in capitals, with spaces and parameters", "|bad-encoding")(sent(gzip.compress(PAGE), " GZIP ;q=1"))
case("a brotli stream with a dictionary as large as it can be", "bomb")(
    sent(brotli.compress(ZEROS, lgwin=24, quality=11), "br")
)
case("br in gzip in br", "bomb")(sent(brotli.compress(gzip.compress(brotli.compress(ZEROS))), "br, gzip, br"))
case("a zstd skippable frame of a megabyte, then a page", "|bad-encoding")(
    sent(b"\x50\x2a\x4d\x18" + (1 << 20).to_bytes(4, "little") + b"\0" * (1 << 20) + zstd.compress(PAGE), "zstd")
)
case("a page packed, sent under an error", "http-502")(sent(gzip.compress(PAGE), "gzip", "502 Bad Gateway"))
