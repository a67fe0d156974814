"""Addresses that lead into one's own network, in every spelling; none may be asked.

`BY_THEIR_TEXT` show it themselves. `BY_WHAT_THEY_RESOLVE_TO` look harmless: a host, and what the
resolver says of it.
"""

from __future__ import annotations

_HOSTS = (
    # IPv4: plain, decimal, octal, hexadecimal, short, with a dot or zeros too many
    "127.0.0.1", "127.1", "127.0.1", "0.0.0.0", "0", "2130706433", "017700000001", "0177.0.0.1",
    "0x7f000001", "0x7f.1", "0x7f.0x0.0x0.0x1", "127.0x1", "127.0.0.1.", "127.000.000.001",
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.1.254",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "100.64.0.1",
    "100.127.255.254", "192.0.0.8", "192.0.2.5", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "8.8.8.8.8", "1.2.3",
    # IPv6, and IPv4 wrapped in it
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]", "[::ffff:100.64.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]",
    "[2002:7f00:1::]", "[2002:a00:1::]", "[2002:c0a8:101::1]", "[2001:0:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2001:db8::1]", "[fe80::1]", "[fe80::1%25eth0]",
    "[fec0::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[100::1]", "[3fff::1]", "[4000::1]",
    # names of one's own network
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "db", "printer.local", "nas.lan",
    "metadata.google.internal", "router.home.arpa", "wiki.intranet",
)  # fmt: skip

BY_THEIR_TEXT = (
    *(f"https://{host}/hook" for host in _HOSTS),
    "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd",
    "gopher://hooks.example.com/1", "//hooks.example.com/", "hooks.example.com", "https:///hook",
    "https://user@hooks.example.com/", "https://user:pw@hooks.example.com/",
    "https://hooks.example.com:pw@127.0.0.1/", "https://hooks.example.com:8443/",
    "https://hooks.example.com:22/", "https://hooks.example.com:99999/",
    "https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com/\r\nX: 1",
    "https://hooks example.com/", "https://hooks\t.example.com/", "https://[::1/",
    "https://１２７.0.0.1/", "https://ⓛocalhost/", "https://127。0。0。1/", "",
)  # fmt: skip

BY_WHAT_THEY_RESOLVE_TO = (
    ("127.0.0.1.nip.io", ["127.0.0.1"]),
    ("10-0-0-1.nip.io", ["10.0.0.1"]),
    ("metadata.example.com", ["169.254.169.254"]),
    ("carrier.example.com", ["100.64.3.4"]),
    ("six.example.com", ["::1"]),
    ("mapped.example.com", ["::ffff:192.168.0.1"]),
    ("nat64.example.com", ["64:ff9b::7f00:1"]),
    ("sixtofour.example.com", ["2002:7f00:1::"]),
    ("teredo.example.com", ["2001:0:7f00:1::"]),
    ("multicast.example.com", ["239.1.1.1"]),
    ("one-of-two.example.com", ["93.184.216.34", "127.0.0.1"]),
    ("second.example.com", ["2606:4700::1111", "fd00::1"]),
)
