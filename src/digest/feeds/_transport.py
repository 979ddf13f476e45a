"""Connect: to addresses that are allowed, within a deadline, through the environment's proxies.

httpx looks at host names only, and its timeouts count from byte to byte. Here every address is looked at
when it is connected to, so that a name that resolves to something else the second time gains nothing, and
a server that sends a byte now and then comes to an end.
"""

from __future__ import annotations

import socket
import ssl
import urllib.request
from typing import TYPE_CHECKING

import httpcore
import httpx

from digest.errors import FeedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


class PrivateAddressError(Exception):
    """A connection would have gone to a private address, and that is not allowed here."""


class Watch:
    """What holds for one feed from its first request to the last redirect.

    Args:
        clock: A monotonic clock, seconds.
        is_private: Tells an IP address of this machine or its neighbourhood.
    """

    def __init__(self, clock: Callable[[], float], is_private: Callable[[str], bool]) -> None:
        self._deadline = float("inf")
        self._is_public = False
        self._clock = clock
        self._is_private = is_private
        self._public_hosts: set[str] = set()

    def start(self, seconds: float) -> None:
        """Begin anew, with so much time."""
        self._deadline = self._clock() + seconds
        self._is_public = False

    def left(self, timeout: float | None) -> float:
        """Return the seconds until a timeout or the deadline, whichever is nearer.

        Raises:
            httpcore.ReadTimeout: The deadline has passed.
        """
        left = self._deadline - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout("it took too long")
        return left if timeout is None else min(left, timeout)

    def allowed(self, host: str, addresses: Sequence[str]) -> Sequence[str]:
        """Return those of a host's addresses that may be connected to.

        A feed may come from a private address, as in a company's network. But once something public was
        talked to, nothing private is any more; and a host that was public stays so, whatever its name
        resolves to later.

        Raises:
            PrivateAddressError: There are none.
        """
        public = [address for address in addresses if not self._is_private(address)]
        if public:
            self.expect_public(host)
            return public
        if addresses and (self._is_public or host in self._public_hosts):
            raise PrivateAddressError(f"{host} is {addresses[0]}")
        return addresses

    def expect_public(self, host: str) -> None:
        """Remember that something public is talked to."""
        self._is_public = True
        self._public_hosts.add(host)


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends with the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._watch.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._watch.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secure = self._inner.start_tls(ssl_context, server_hostname, self._watch.left(timeout))
        return _Stream(secure, self._watch)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Resolve a name once, look at each address, connect to it and to nothing else."""

    def __init__(self, watch: Watch, resolve: Callable[[str, int], list[str]], *, checks: bool) -> None:
        self._watch = watch
        self._resolve = resolve
        self._checks = checks
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses: Sequence[str] = self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address: {error.strerror or error}") from None
        if self._checks:
            addresses = self._watch.allowed(host, addresses)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            limit = self._watch.left(timeout)
            try:
                inner = self._inner.connect_tcp(address, port, limit, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(inner, self._watch)
        raise failure


class Transport(httpx.BaseTransport):
    """One connection for each request, straight or through the proxy that the environment names.

    Behind a proxy the addresses are the proxy's business: it alone resolves names. What is written as a
    private address is refused there, too.

    Args:
        watch: What holds for the feed at hand.
        certificates: Whom to trust; None for the usual authorities, or those of `SSL_CERT_FILE`.
        resolve: Returns the IP addresses of a host.
    """

    def __init__(
        self,
        watch: Watch,
        *,
        certificates: ssl.SSLContext | None = None,
        resolve: Callable[[str, int], list[str]] | None = None,
    ) -> None:
        self._watch = watch
        self._certificates = certificates
        self._resolve = resolve or _resolve

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the body comes when it is read."""
        pool = self._pool(request.url)
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        try:
            response = pool.handle_request(asked)
        except _FAILURES as error:
            pool.close()
            raise _translated(error) from error
        except BaseException:
            pool.close()
            raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response, pool),
            extensions=response.extensions,
        )

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        proxy = _proxy_for(url)
        backend = _Backend(self._watch, self._resolve, checks=proxy is None)
        if url.scheme == "https" and self._certificates is None:
            self._certificates = httpx.create_ssl_context()
        if proxy is None:
            return httpcore.ConnectionPool(self._certificates, network_backend=backend)
        self._check_literal(url.host)
        if not proxy.startswith(("http://", "https://")):
            kind = proxy.partition("://")[0]  # the rest may hold a password
            raise FeedError(f"a {kind} proxy, as the environment names, is not known", "name an http:// one")
        told = httpx.Proxy(proxy)
        return httpcore.HTTPProxy(
            str(told.url),
            proxy_auth=told.raw_auth,
            ssl_context=self._certificates,
            network_backend=backend,
        )

    def _check_literal(self, host: str) -> None:
        bare = host.rstrip(".")
        if bare == "localhost" or bare.endswith(".localhost"):
            bare = "127.0.0.1"
        try:
            # Not inet_pton: to a resolver 127.1 and 2130706433 are addresses, too.
            address = bare if ":" in bare else socket.inet_ntoa(socket.inet_aton(bare))
        except (OSError, UnicodeError):
            self._watch.expect_public(host)  # a name: what it leads to, the proxy knows
        else:
            self._watch.allowed(host, [address])


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, pool: httpcore.ConnectionPool) -> None:
        self._response = response
        self._pool = pool

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_stream()
        except _FAILURES as error:
            raise _translated(error) from error

    def close(self) -> None:
        self._response.close()
        self._pool.close()


def _translated(error: Exception) -> httpx.TransportError:
    kind = httpx.ReadTimeout if isinstance(error, httpcore.TimeoutException) else httpx.ConnectError
    return kind(str(error) or ("it did not answer in time" if kind is httpx.ReadTimeout else ""))


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _proxy_for(url: httpx.URL) -> str | None:
    """Return the proxy that the environment names for an address, if any."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
