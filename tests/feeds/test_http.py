from __future__ import annotations

import base64
import datetime as dt
import gzip
import io
import ssl
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import brotli
import pytest
import trustme

from digest.errors import FeedError
from digest.feeds._decode import BoundedBody
from digest.feeds.http import HttpClient, Limits, Pace
from digest.feeds.response import FeedResponse
from feed_server import FEED, Site, Whole, drip, raw, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OK: Whole = (200, {}, FEED)
SMALL = Limits(largest=100_000, connect_s=2, read_s=2, total_s=0.3)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


def copy_of(site: Site, **headers: str) -> FeedResponse:
    """Put a copy of yesterday into the store."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    copy = FeedResponse(site.url, FEED + b"<!-- copy -->", site.now - dt.timedelta(days=1), names)
    site.store.add_response(copy)
    return copy


def test_get(site: Site) -> None:
    site.says((200, {"Content-Type": "application/atom+xml", "X-Other": "1"}, FEED))
    with site.client() as client:
        response = client.get(site.url)
        assert (response.body, response.fetched_at, response.problem) == (FEED, site.now, "")
        assert response.content_type == "application/atom+xml"
        assert "x-other" not in response.headers
        assert client.calls == 1
    (asked,) = site.asked
    assert asked["user-agent"] == "digest-test"
    assert "if-none-match" not in asked


def test_a_login_is_sent_and_never_told(site: Site) -> None:
    site.says(OK, (503, {}, b""))
    url = site.url.replace("127.0.0.1", "ada:secret@127.0.0.1")
    with site.client() as client:
        client.get(url)
        problem = client.get(url).problem
    assert site.asked[0]["authorization"] == f"Basic {base64.b64encode(b'ada:secret').decode()}"
    assert problem.startswith(f"{site.url} answered 503")


def test_a_login_is_not_told_behind_a_redirect_either(site: Site) -> None:
    for answer in ((404, {}, b""), (200, {"Content-Encoding": "zip"}, b"x"), raw(b"nonsense")):
        site.says((302, {"Location": "/moved"}, b""))
        site.says(answer, path="/moved")
        with site.client() as client, pytest.raises(FeedError) as caught:
            client.get(site.url.replace("127.0.0.1", "ada:secret@127.0.0.1"))
        assert "/moved" in str(caught.value)
        assert "secret" not in str(caught.value)


# Conditions and copies


def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    told = {"ETag": '"1"', "Last-Modified": "Mon, 02 Feb 2026 05:00:00 GMT", "Age": "3600"}
    site.says((200, told, FEED), (304, {"ETag": '"1"', "Cache-Control": "max-age=60"}, b""))
    with site.client() as client:
        client.get(site.url)
        site.now += dt.timedelta(hours=1)
        again = client.get(site.url)
        assert (again.body, again.fetched_at, again.problem) == (FEED, site.now, "")
        site.now += dt.timedelta(seconds=59)
        client.get(site.url)  # the 304 has said for how long
        assert client.calls == 2
    assert site.asked[1]["if-none-match"] == '"1"'
    assert site.asked[1]["if-modified-since"] == told["Last-Modified"]


@pytest.mark.parametrize(
    ("headers", "calls"),
    [
        ({"cache_control": "public, max-age=90000"}, 1),  # for a day at most
        ({"cache_control": "max-age=86399"}, 1),
        ({"cache_control": "max-age=86401"}, 0),
        ({"cache_control": "max-age=86401", "age": "10"}, 1),
        ({"cache_control": "no-cache, max-age=86401"}, 1),
        ({"cache_control": "max-age=many"}, 1),
        ({"expires": "Mon, 02 Feb 2026 06:00:01 GMT", "date": "Sun, 01 Feb 2026 06:00:00 GMT"}, 0),
        ({"expires": "0", "date": "Sun, 01 Feb 2026 06:00:00 GMT"}, 1),
        ({}, 1),
    ],
)
def test_max_age_is_honoured(site: Site, headers: dict[str, str], calls: int) -> None:
    site.says(OK)
    copy = copy_of(site, **headers)
    if calls == 0:
        site.now -= dt.timedelta(seconds=1)
    with site.client() as client:
        response = client.get(site.url)
    assert client.calls == calls
    assert response.body == (FEED if calls else copy.body)


def test_a_copy_from_the_future_is_not_fresh(site: Site) -> None:
    site.says(OK)
    site.store.add_response(
        replace(copy_of(site, cache_control="max-age=9"), fetched_at=dt.datetime.max.replace(tzinfo=dt.UTC))
    )
    with site.client() as client:
        assert client.get(site.url).body == FEED


def test_a_304_without_a_copy_is_asked_again_without_conditions(site: Site) -> None:
    site.says((304, {}, b""), OK)
    with site.client() as client:
        assert client.get(site.url).body == FEED
    assert site.asked[1]["cache-control"] == "no-cache"
    site.says((304, {}, b""))
    with site.client(store=None) as client, pytest.raises(FeedError, match="nothing has changed"):
        client.get(site.url)
    assert client.calls == 2


def test_a_304_that_answers_no_condition_says_nothing_about_the_copy(site: Site) -> None:
    site.says((304, {}, b""))
    copy_of(site)
    with site.client() as client:
        assert "not what it is" in client.get(site.url).problem


def test_an_etag_that_changes_with_every_answer(site: Site) -> None:
    site.says(*[(200, {"ETag": f'"{n}"'}, FEED) for n in range(3)])
    with site.client() as client:
        for _ in range(3):
            assert client.get(site.url).body == FEED
    assert [asked.get("if-none-match") for asked in site.asked] == [None, '"0"', '"1"']


def test_an_etag_cannot_smuggle_a_header(site: Site) -> None:
    site.says(OK)
    copy_of(site, etag='"1"\r\nX-Evil: 1')
    with site.client() as client:
        client.get(site.url)
    assert not {"x-evil", "if-none-match"} & set(site.asked[0])


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"\xe9"'},
        {"Expires": "Mon, 01 Jan 99999999999 00:00:00 GMT", "Date": "Mon, 02 Feb 2026 05:00:00 GMT"},
    ],
)
def test_a_strange_header_does_not_stop_the_next_run(site: Site, headers: dict[str, str]) -> None:
    site.says((200, headers, FEED))
    with site.client() as client:
        client.get(site.url)
        assert client.get(site.url).problem == ""
        assert client.calls == 2


def test_who_gave_up_still_waits_as_long_as_the_site_asked(site: Site) -> None:
    site.says((429, {"Retry-After": "60"}, b""))
    site.says(OK, path="/other")
    with site.client(pace=Pace(None, interval_s=0, now=site.time, sleep=site.sleep)) as client:
        with pytest.raises(FeedError):
            client.get(site.url)
        given_up = site.now
        assert client.get(site.address + "/other").body == FEED
    assert (site.now - given_up).total_seconds() == 60


def test_an_impossible_date_to_come_back(site: Site) -> None:
    site.says((503, {"Retry-After": "Mon, 01 Jan 99999999999 00:00:00 GMT"}, b""), OK)
    with site.client() as client:
        assert client.get(site.url).body == FEED


@pytest.mark.parametrize(
    "answer", [(404, {}, b""), (500, {}, b""), (503, {}, b""), (200, {}, b"<html>Log in</html>"), raw(b"")]
)
def test_when_a_feed_fails_its_last_copy_is_used_and_said_to_be_old(site: Site, answer: object) -> None:
    site.says(answer)  # type: ignore[arg-type]
    copy = copy_of(site)
    with site.client() as client:
        response = client.get(site.url)
    assert (response.body, response.fetched_at) == (copy.body, copy.fetched_at)
    assert response.problem.endswith("; this is the copy of 2026-02-01 06:00 UTC")
    assert site.store.copies[site.url] == copy


@pytest.mark.parametrize(
    "body",
    [
        FEED,
        b'\xef\xbb\xbf {"items": []}\n',
        b"<x:RDF xmlns='y'></x:RDF>",
        b"<?xml?><!-- long -->\n<rss version='2.0'></rss >",
    ],
)
def test_what_is_kept(site: Site, body: bytes) -> None:
    site.says((200, {}, body))
    with site.client() as client:
        assert client.get(site.url) == site.store.copies[site.url]


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Cache-Control": "no-store"}, FEED),
        (200, {}, b"<html>a page</html>"),
        (200, {}, b'{"error": "too many requests"}'),
        (400, {}, FEED),
    ],
)
def test_what_is_not_kept(site: Site, answer: tuple[int, dict[str, str], bytes]) -> None:
    site.says(answer)
    with site.client() as client:
        assert client.get(site.url).body == answer[2]
    assert site.store.copies == {}


# Retries


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again_when_it_says(site: Site, status: int) -> None:
    site.says((status, {"Retry-After": "7"}, b""), OK)
    with site.client() as client:
        assert client.get(site.url).body == FEED
        assert client.calls == 2
    assert site.slept == [7.0]


def test_retry_after_may_be_a_date(site: Site) -> None:
    site.says((503, {"Retry-After": "Mon, 02 Feb 2026 06:00:30 GMT"}, b""), OK)
    with site.client() as client:
        client.get(site.url)
    assert site.slept == [30.0]


def test_four_tries_with_growing_pauses_then_an_error(site: Site) -> None:
    site.says((503, {"Retry-After": "soon"}, b""))
    with site.client(jitter=lambda: 0.5) as client, pytest.raises(FeedError, match="answered 503"):
        client.get(site.url)
    assert client.calls == 4
    assert site.slept == [1.5, 3.0, 6.0]


def test_a_storm_of_429_ends(site: Site) -> None:
    site.says((429, {"Retry-After": "60"}, b""))
    with site.client() as client, pytest.raises(FeedError, match="answered 429"):
        client.get(site.url)
    assert site.slept == [60.0, 60.0]  # a third minute would be too much


def test_who_asks_for_a_long_pause_gets_it_from_the_next_run_too(site: Site, tmp_path: Path) -> None:
    pace = Pace(tmp_path, interval_s=0.0, now=site.time)
    site.says((429, {"Retry-After": "7200"}, b""))
    with site.client(pace=pace) as client, pytest.raises(FeedError, match="asks to wait 2 hours"):
        client.get(site.url)
    assert (client.calls, site.slept) == (1, [])
    later = Pace(tmp_path, interval_s=0.0, now=site.time)
    with site.client(pace=later) as client, pytest.raises(FeedError, match="before 2026-02-02 08:00 UTC"):
        client.get(site.url)
    assert client.calls == 0
    site.says(OK)
    site.now += dt.timedelta(hours=2)
    with site.client(pace=later) as client:
        assert client.get(site.url).body == FEED


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 410, 500])
def test_other_answers_are_told_at_once(site: Site, status: int) -> None:
    site.says((status, {}, b"" if status == 204 else b"no"))
    with site.client() as client, pytest.raises(FeedError, match=f"answered {status}") as caught:
        client.get(site.url)
    assert client.calls == 1
    assert caught.value.todo


def test_a_feed_under_400_tells_what_was_wrong(site: Site) -> None:
    site.says((400, {}, FEED))
    with site.client() as client:
        assert client.get(site.url).body == FEED


# Redirects and addresses


def test_redirects_are_followed_and_counted(site: Site) -> None:
    site.says((301, {"Location": "/new"}, b""))
    site.says(OK, path="/new")
    with site.client() as client:
        assert client.get(site.url).url == site.url
        assert client.calls == 2
    assert list(site.store.copies) == [site.url]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/feed", "more than 5 times"),
        ("file:///etc/passwd", "unsafe"),
        ("ftp://127.0.0.1/", "unsafe"),
        ("javascript:alert(1)", "unsafe"),
        ("http://[::bad/", "unsafe"),
        ("http://a..b/", "could not be fetched"),
        (f"http://{'a' * 70}.example/", "could not be fetched"),
        ("http://127.0.0.1:99999/", "could not be fetched"),
        (f"http://127.0.0.1:{10**30}/", "could not be fetched"),
    ],
)
def test_bad_redirects(site: Site, target: str, words: str) -> None:
    site.says((302, {"Location": target}, b""))
    with site.client() as client, pytest.raises(FeedError, match=words):
        client.get(site.url)


def port(site: Site) -> str:
    return site.address.rpartition(":")[2]


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "[::1]", "[::ffff:127.0.0.2]", "169.254.169.254"])
def test_a_public_host_does_not_lead_to_a_private_one(site: Site, host: str) -> None:
    site.says((302, {"Location": f"http://{host}:{port(site)}/secret"}, b""))
    site.says(OK, path="/secret")
    # For this client 127.0.0.1 is out in the world; `localhost` is made to mean something else.
    names = {"localhost": "127.0.0.2"}
    with (
        site.client(
            is_private=lambda ip: ip != "127.0.0.1", resolve=lambda name, _: [names.get(name, name)]
        ) as client,
        pytest.raises(FeedError, match="private address"),
    ):
        client.get(site.url)
    assert (client.calls, len(site.asked)) == (2, 1)


def test_a_private_host_may_lead_to_another(site: Site) -> None:
    site.says((302, {"Location": f"http://127.0.0.2:{port(site)}/new"}, b""))
    site.says(OK, path="/new")
    with site.client() as client:
        assert client.get(site.url).body == FEED


def test_a_name_that_resolves_elsewhere_the_second_time(site: Site) -> None:
    """DNS rebinding: the address that is connected to is the one that was looked at."""
    addresses = iter([["127.0.0.1"], ["127.0.0.2"]])
    site.says((302, {"Location": "/secret"}, b""))
    site.says(OK, path="/secret")
    with (
        site.client(is_private=lambda ip: ip != "127.0.0.1", resolve=lambda *_: next(addresses)) as client,
        pytest.raises(FeedError, match=r"private address \(rebind\.test is 127\.0\.0\.2\)"),
    ):
        client.get(f"http://rebind.test:{port(site)}/feed")
    assert len(site.asked) == 1


def test_a_host_that_was_public_stays_so(site: Site) -> None:
    addresses = iter([["127.0.0.1"], ["127.0.0.2"]])
    site.says(OK)
    with site.client(
        is_private=lambda ip: ip != "127.0.0.1", resolve=lambda *_: next(addresses), store=None
    ) as client:
        url = f"http://rebind.test:{port(site)}/feed"
        client.get(url)
        with pytest.raises(FeedError, match="private address"):
            client.get(url)


def test_of_mixed_addresses_only_public_ones_are_used(site: Site) -> None:
    site.says(OK)
    with site.client(
        is_private=lambda ip: ip != "127.0.0.1", resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]
    ) as client:
        assert client.get(f"http://two.test:{port(site)}/feed").body == FEED
    assert site.asked[0][":address"] == "127.0.0.1"


# Bodies


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(FEED)),
        ("gzip", gzip.compress(FEED[:20]) + gzip.compress(FEED[20:])),
        ("x-gzip", gzip.compress(FEED) + b"padding"),
        ("deflate", zlib.compress(FEED)),
        ("deflate", zlib.compress(FEED)[2:-4]),
        ("br", brotli.compress(FEED)),
        ("identity", FEED),
    ],
)
def test_encodings(site: Site, encoding: str, body: bytes) -> None:
    site.says((200, {"Content-Encoding": encoding}, body))
    with site.client() as client:
        assert client.get(site.url).body == FEED


BOMB = FEED + b"\0" * 30_000_000


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BOMB)),
        ("deflate", zlib.compress(BOMB)),
        ("br", brotli.compress(BOMB, quality=4)),
    ],
)
@pytest.mark.parametrize(("largest", "words"), [(100_000, "larger than"), (64 << 20, "grows more than")])
def test_bombs(site: Site, encoding: str, body: bytes, largest: int, words: str) -> None:
    site.says((200, {"Content-Encoding": encoding}, body))
    with (
        site.client(limits=Limits(largest=largest)) as client,
        pytest.raises(FeedError, match=words),
    ):
        client.get(site.url)
    assert client.calls == 1


@pytest.mark.parametrize("size", [0, 1, 255 * 1024, 256 * 1024, 256 * 1024 + 1, 900_001])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_any_size_survives_compression(site: Site, size: int, encoding: str) -> None:
    text = io.BytesIO()
    while text.tell() < size:
        text.write(b"<entry>%d</entry>" % text.tell())
    whole = FEED + text.getvalue()[:size]
    compress: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": lambda data: brotli.compress(data, quality=4),
    }
    site.says((200, {"Content-Encoding": encoding}, compress[encoding](whole)))
    with site.client(limits=Limits()) as client:
        assert client.get(site.url).body == whole


@pytest.mark.parametrize("more", range(-3, 300, 7))
def test_what_the_decompressor_holds_back_is_not_lost(more: int) -> None:
    size = 256 * 1024 + more
    stream = zlib.compressobj(wbits=-15)
    body = BoundedBody("deflate", 1 << 20)
    body.add(stream.compress(b"a" * size) + stream.flush())
    assert len(body.finish()) == size


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(FEED)[:-9]), "cut off"),
        ((200, {"Content-Encoding": "br"}, brotli.compress(FEED)[:-3]), "cut off"),
        ((200, {"Content-Encoding": "gzip"}, FEED), "not compressed as it says"),
        ((200, {"Content-Encoding": "br"}, FEED), "not compressed as it says"),
        ((200, {"Content-Encoding": "zip"}, FEED), "not known"),
        ((200, {"Content-Encoding": "gzip, gzip"}, FEED), "not known"),
        ((200, {"Content-Length": "5000"}, FEED), "without sending complete"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Le"), "could not be fetched"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<feed"), "incomplete chunked"),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "could not be fetched"),
        (raw(b""), "could not be fetched"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n"), "could not be fetched"),
    ],
)
def test_half_a_response_is_none(site: Site, answer: object, words: str) -> None:
    site.says(answer)  # type: ignore[arg-type]
    with site.client() as client, pytest.raises(FeedError, match=words) as caught:
        client.get(site.url)
    assert "\n" not in str(caught.value)
    assert site.store.copies == {}


def test_half_a_response_without_a_length_is_not_kept(site: Site) -> None:
    head = b'HTTP/1.0 200 OK\r\nETag: "1"\r\n\r\n'
    site.says(raw(head + FEED[:-8]), raw(head + FEED))
    with site.client() as client:
        assert client.get(site.url).body == FEED[:-8]  # what can be read of it is
        assert site.store.copies == {}
        assert client.get(site.url).body == FEED
    assert "if-none-match" not in site.asked[1]
    assert list(site.store.copies) == [site.url]


def test_what_is_longer_than_it_says_is_cut(site: Site) -> None:
    site.says((200, {"Content-Length": str(len(FEED))}, FEED + b"more"))
    with site.client() as client:
        assert client.get(site.url).body == FEED


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n<feed>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n<feed>",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"",
    ],
)
def test_a_byte_now_and_then_comes_to_an_end(site: Site, head: bytes) -> None:
    site.says(drip(head))
    with site.client(limits=SMALL) as client, pytest.raises(FeedError, match=r"too long|timed out|in time"):
        client.get(site.url)
    assert client.calls == 4


def test_silence_comes_to_an_end(site: Site) -> None:
    site.says(drip(b"HTTP/1.1 200 OK\r\n\r\n", pause_s=0.5))
    limits = replace(SMALL, read_s=0.1, total_s=20)
    with site.client(limits=limits) as client, pytest.raises(FeedError, match="could not be fetched"):
        client.get(site.url)


def test_an_endless_body_comes_to_an_end(site: Site) -> None:
    site.says(drip(b"HTTP/1.1 200 OK\r\n\r\n", FEED * 50, pause_s=0))
    with site.client() as client, pytest.raises(FeedError, match="larger than"):
        client.get(site.url)
    assert client.calls == 1


# Certificates and proxies


def server_context(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


@pytest.mark.parametrize("host", ["127.0.0.1", "elsewhere.example"])
@pytest.mark.parametrize("is_trusted", [True, False])
def test_certificates(host: str, is_trusted: bool) -> None:
    authority = trustme.CA()
    trust = ssl.create_default_context()
    if is_trusted:
        authority.configure_trust(trust)
    with serving(tls=server_context(authority, host)) as site:
        site.says(OK)
        with site.client(certificates=trust) as client:
            if is_trusted and host == "127.0.0.1":
                assert client.get(site.url).body == FEED
                return
            with pytest.raises(FeedError, match=r"certificate of 127\.0\.0\.1 is not valid"):
                client.get(site.url)
            assert (client.calls, site.asked) == (1, [])


def test_an_authority_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with serving(tls=server_context(authority, "127.0.0.1")) as site:
        site.says((302, {"Location": "http://127.0.0.1/"}, b""), OK)
        with site.client() as client:
            with pytest.raises(FeedError, match="unsafe"):  # from https back to http
                client.get(site.url)
            assert client.get(site.url).body == FEED


def test_a_proxy_from_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", site.address)
    monkeypatch.setenv("no_proxy", "")
    site.says(OK, path="http://feeds.example/feed")
    site.says((302, {"Location": "http://127.0.0.1:1/"}, b""), path="http://feeds.example/moved")
    with site.client() as client:
        assert client.get("http://feeds.example/feed").body == FEED
        with pytest.raises(FeedError, match="private address"):
            client.get("http://feeds.example/moved")
        for host in ("2130706433", "127.1", "0x7f.0.0.1", "localhost.", "127.0.0.1."):
            site.says((302, {"Location": f"http://{host}:1/"}, b""), path="http://feeds.example/other")
            with pytest.raises(FeedError, match="private address"):
                client.get("http://feeds.example/other")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site.says(OK)
    with site.client() as client:
        assert client.get(site.url).body == FEED
    monkeypatch.setenv("http_proxy", "socks5://ada:secret@127.0.0.1:1")
    with site.client() as client, pytest.raises(FeedError, match="socks5 proxy") as caught:
        client.get("http://feeds.example/other")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/feed", "http://[::bad/", "ftp://x.org/", "http://", "http:///x", "http://x\udcff/"],
)
def test_failures_are_one_line(site: Site, url: str) -> None:
    with site.client() as client, pytest.raises(FeedError) as caught:
        client.get(url)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_nothing_is_loaded_or_opened_before_it_is_needed() -> None:
    with HttpClient(user_agent="x") as client:
        assert client.calls == 0
