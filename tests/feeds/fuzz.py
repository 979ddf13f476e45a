"""Fuzz the parser: `python tests/feeds/fuzz.py INPUTS SEED`, a process of its own so that it can be watched.

Mutations of the golden feeds; each input has a minute before a watchdog ends the process with the input's
number. What is opened while a feed is read is reported.
"""

from __future__ import annotations

import faulthandler
import json
import random
import sys
import time
from pathlib import Path

from digest.errors import FeedError
from digest.feeds.parse import ParsedFeed, parse_feed
from digest.text.clean import clean_text

DATA = Path(__file__).parent / "data"
WATCHDOG_S = 60
LARGEST = 1_000_000
MOST_PROBLEMS = 12
TOKENS = [
    *b"<item> </item> <entry> </entry> <title> </title> <![CDATA[ ]]> <!-- --> <? ?> &a; &#0;".split(),
    *b"&#x110000; &lt;script&gt; <category> <div> <pubDate> <rdf:RDF> <channel> <CHANNEL> $\frac{".split(),
    b"javascript:alert(1)",
    b"<?xml version='1.0' encoding='utf-16'?>",
    b"<?xml version='1.0' encoding='x'?>",
    b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
    b"<!DOCTYPE x SYSTEM 'http://192.0.2.1/x.dtd'>",
    b"<xi:include href='/etc/passwd'/>",
    b"<content type='application/octet' mode='base64'>",
    b"<content type='xhtml'>",
    b"xmlns='http://www.w3.org/2005/Atom'",
    b"<feed version='0.3'>",
    b"xml:base='file:///'",
    b"<a b='",
    b"9" * 400,
    *(b"\0", b"\x1b[", b"\xff\xfe", b"\xef\xbb\xbf", "\u202e\u200b\ufeff".encode()),
]
ENCODINGS = ["utf-16", "utf-32-be", "latin-1", "cp037", "shift_jis", "gb18030", "iso-2022-jp", "koi8-r"]


def mutated(feeds: list[bytes], random_: random.Random) -> bytes:
    data = bytearray(random_.choice(feeds))
    for _ in range(random_.choice([1, 1, 2, 4, 16])):
        at, to = sorted(random_.randrange(len(data) + 1) for _ in range(2))
        to = min(to, at + random_.choice([1, 8, 200, 5000]))
        match random_.randrange(8):
            case 0 if at < len(data):
                data[at] = random_.randrange(256)
            case 1:
                del data[at:to]
            case 2:
                data[at:at] = bytes(data[at:to]) * random_.choice([1, 2, 30])
            case 3:
                data[at:at] = random_.choice(TOKENS) * random_.choice([1, 1, 1, 3, 500])
            case 4:
                other = random_.choice(feeds)
                start = random_.randrange(len(other))
                data[at:to] = other[start : start + 500]
            case 5:
                del data[at:]
            case 6:
                data[at:at] = random_.randbytes(random_.choice([1, 4, 60]))
            case _:
                text = data.decode("utf-8", "replace")
                data = bytearray(text.encode(random_.choice(ENCODINGS), "replace"))
    return bytes(data[:LARGEST])


def check(feed: ParsedFeed) -> None:
    """Raise when something hostile came through."""
    assert len(feed.problems) <= MOST_PROBLEMS, feed.problems
    for text in (feed.title, *feed.problems):
        assert clean_text(text) == text, ascii(text)
    for paper in feed.papers:
        assert paper.id
        assert paper.version >= 1
        texts = [paper.id, paper.title, paper.abstract, *paper.authors, *paper.categories]
        for text in (*texts, paper.title_source, paper.abstract_source):
            assert clean_text(text) == text, ascii(text)
        for url in (paper.url, paper.pdf_url):
            assert not url or url.lower().startswith(("http://", "https://")), url


def main() -> None:
    inputs, seed = int(sys.argv[1]), int(sys.argv[2])
    feeds = [path.read_bytes() for path in sorted(DATA.iterdir())]
    parse_feed(next(data for data in feeds if b"<rss" in data), "warm")  # everything is imported now
    opened: list[str] = []
    reading = [False]

    def watch(event: str, args: tuple[object, ...]) -> None:
        if event == "open" and str(args[0]).startswith((sys.base_prefix, sys.prefix)):
            return  # a codec
        if reading[0] and (event == "open" or event.startswith(("socket.", "subprocess", "urllib"))):
            opened.append(f"{event} {args[0]}")

    sys.addaudithook(watch)
    read = 0
    slowest = (0.0, -1, 0)
    for number in range(inputs):
        data = mutated(feeds, random.Random(seed * 1_000_003 + number))
        print(number, file=sys.stderr, flush=True)  # the last one told is the one that hung or crashed
        faulthandler.dump_traceback_later(WATCHDOG_S, exit=True)
        started = time.process_time()
        reading[0] = True
        try:
            feed = parse_feed(data, "fuzz.xml")
        except FeedError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either is right
        else:
            read += 1
            check(feed)
        finally:
            reading[0] = False
            faulthandler.cancel_dump_traceback_later()
        slowest = max(slowest, (time.process_time() - started, number, len(data)))
    print(json.dumps({"inputs": inputs, "read": read, "opened": opened, "slowest": slowest}))


if __name__ == "__main__":
    main()
