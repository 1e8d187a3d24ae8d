# SPDX-License-Identifier: Apache-2.0
"""HTTP and WebSocket clients that behave well, badly and in between, over real sockets:
    http_fuzz.py SEED SECONDS      as many as go, some at a time
    http_fuzz.py SEED =NUMBER      that one alone, as it was
with CARDEA_PORTS (JSON: a list of {port, tls, kind: "web", "socket" or, HTTP only, "admin"; admin: sockets of that API}), CARDEA_HTTP (a port with /health) and
CARDEA_PID. Those that behave well must get their answers, in order. Afterwards the server must answer, rest, and have its
descriptors and memory back. Prints one line of JSON, and what went wrong with the number of the client."""
import asyncio
import base64
import hashlib
import json
import os
import random
import socket
import ssl
import struct
import sys
import time
import urllib.request

PORTS = json.loads(os.environ["CARDEA_PORTS"])
HTTP, PID = int(os.environ["CARDEA_HTTP"]), int(os.environ["CARDEA_PID"])
AT_ONCE = 16
ANSWER_S = 20
GROWTH_KIB = 24 << 10
SANITIZED = os.environ.get("CARDEA_SANITIZED") == "1"
TLS = ssl._create_unverified_context()
HOST = b"Host: 127.0.0.1\r\n"


class Wrong(Exception):
    pass


# ---- requests: bytes, and what must come ----

class Request:
    def __init__(self, raw, statuses, holds=b"", bodiless=False):
        self.raw, self.statuses, self.holds, self.bodiless = raw, statuses, holds, bodiless

    def check(self, status, body):
        if status not in self.statuses or self.holds not in body:
            raise Wrong(f"{status} {body[:200]} for {self.raw[:200]}")


def chunked(rnd, body):
    out, at = b"", 0
    while at < len(body):
        n = rnd.randint(1, len(body) - at)
        size = f"{n:0{rnd.randint(1, 6)}x}"
        out += (size.upper() if rnd.random() < .5 else size).encode()
        out += rnd.choice([b"", b"", b";a", b';name="value"', b";x=" + b"y" * rnd.randint(1, 500)])
        out += b"\r\n" + body[at:at + n] + b"\r\n"
        at += n
    return out + b"0\r\n" + rnd.choice([b"", b"Origin: trailer\r\n", b"X: " + b"t" * 100 + b"\r\n"]) + b"\r\n"


def post(rnd, path, tell):
    """A ping, whose transaction proves the order."""
    name = b"%016x" % rnd.getrandbits(64)
    body = json.dumps({"janus": "ping", "transaction": name.decode(), **tell}).encode()
    body += b" " * rnd.choice([0, 0, 10, 3000, 40000])
    head = b"POST " + path + b" HTTP/1.1\r\n" + HOST + rnd.choice([b"", b"Content-Type: application/json\r\n",
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n", b"Expect: 100-continue\r\n"])
    if rnd.random() < .5:
        raw = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(rnd, body)
    else:
        raw = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    return Request(raw, [200], name)


def get(path, statuses, holds=b"", method=b"GET"):
    return Request(method + b" " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n", statuses, holds, method == b"HEAD")


def good(rnd, kind):
    if kind == "socket":
        return get(b"/" + b"x" * rnd.randint(0, 30), [403])
    if kind == "admin":
        return rnd.choice([lambda: post(rnd, b"/admin", {"admin_secret": "adminpwd"}),
            lambda: get(b"/admin/info", [200]), lambda: get(b"/admin", [200, 204], method=b"OPTIONS")])()
    return rnd.choice([lambda: post(rnd, b"/janus", {}), lambda: post(rnd, b"/janus", {}),
        lambda: get(b"/health", [200], b'"ok"'), lambda: get(b"/health", [200], method=b"HEAD"),
        lambda: get(b"/", [200], b"<html"), lambda: get(b"/cardea.js", [200]), lambda: get(b"/metrics", [200]),
        lambda: get(b"/none", [404]), lambda: get(b"/janus/info", [200], b"server_info"),
        lambda: get(b"/janus", [200, 204], method=b"OPTIONS"), lambda: get(b"http://127.0.0.1/health", [200], b'"ok"'),
        lambda: get(b"/" + b"%2e%2e/" * rnd.randint(1, 9) + b"etc/passwd", [404]),
        lambda: get(b"/health", [405], method=b"DELETE")])()


def bad(rnd):
    line = b"GET /janus HTTP/1.1\r\n"
    chunks = b"POST /janus HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    return rnd.choice([lambda: rnd.randbytes(rnd.randint(1, 3000)),
        lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rnd.randbytes(60),
        lambda: line + HOST + HOST + b"\r\n", lambda: line + b"\r\n", lambda: line + b"Host\r\n\r\n",
        lambda: line + HOST + b"A: b\r\n" * rnd.randint(99, 20000) + b"\r\n",
        lambda: line + HOST + b"A: " + b"x" * rnd.randint(32000, 200000) + b"\r\n\r\n",
        lambda: b"GET /" + b"y" * rnd.randint(8000, 60000) + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        lambda: b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n", lambda: line + HOST + b"X: a\0b\r\n\r\n",
        lambda: b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n" + HOST + b"\r\n" + rnd.randbytes(50),
        lambda: b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        lambda: b"GET http://evil/janus HTTP/1.1\r\n" + HOST + b"\r\n",
        lambda: chunks + b"ffffffffffffffffff\r\nx", lambda: chunks + b"7fffffffffffffff\r\n" + b"x" * 9000,
        lambda: chunks + b"-1\r\n\r\n", lambda: chunks + b"5\r\nhelloX\r\n", lambda: chunks + b"5;" + b"e" * 100000,
        lambda: chunks + b"0\r\n" + b"T: v\r\n" * rnd.randint(1, 20000) + b"\r\n",
        lambda: b"POST /janus HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        lambda: b"POST /janus HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % rnd.choice([-1, 10**30, 2**63, 1048577])
            + b"x" * 100,
        lambda: b"POST /janus HTTP/1.1\r\n" + HOST + b"Content-Length: 2000000\r\n\r\n" + b"x" * 2000000,
        lambda: b"POST /janus HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n",
        lambda: b"POST /janus HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        lambda: b"\r\n" * rnd.randint(1, 30000),
        lambda: b"GET / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        lambda: upgrade(rnd)[0].replace(b"13", b"8")])()


# ---- connections ----

class Client:
    def __init__(self, rnd, port):
        self.rnd, self.port, self.kind = rnd, port["port"], port["kind"]
        self.tls, self.admin = port["tls"], port.get("admin")

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=TLS if self.tls else None,
            limit=1 << 22)

    async def say(self, raw):
        """In pieces as the network may cut them."""
        how = self.rnd.choice(["whole", "whole", "halves", "pieces", "bytes"])
        cuts = []
        if how == "halves" and len(raw) > 1:
            cuts = [self.rnd.randrange(1, len(raw))]
        elif how == "pieces":
            cuts = sorted(self.rnd.randrange(len(raw)) for _ in range(min(len(raw), 12)))
        elif how == "bytes":
            cuts = list(range(1, min(len(raw), 400)))
        rests = self.rnd.random() < .3
        for a, b in zip([0] + cuts, cuts + [len(raw)]):
            self.writer.write(raw[a:b])
            await self.writer.drain()
            if rests and how != "bytes":
                await asyncio.sleep(self.rnd.random() * .01)
            elif how == "bytes":
                await asyncio.sleep(0)

    async def hear(self, bodiless=False):
        """One answer: status and body; the rest is dropped. None: the connection has ended."""
        while True:
            try:
                head = await self.reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError as e:
                if e.partial:
                    raise Wrong(f"half an answer: {e.partial[:200]}")
                return None
            lines = head.split(b"\r\n")
            status = int(lines[0].split()[1])
            fields = dict(l.lower().split(b": ", 1) for l in lines[1:] if l)
            if status == 101:
                return status, fields
            if status >= 200:
                break
        n = 0 if bodiless else int(fields.get(b"content-length", 0))
        return status, await self.reader.readexactly(n)

    async def rest(self):
        """Answers until the end, which must come."""
        while await self.hear():
            pass

    def reset(self):
        raw = self.writer.get_extra_info("socket")
        if raw: # else it has gone already
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self):
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except (OSError, ssl.SSLError):
            pass


async def pipeline(c):
    """Any requests in one go: all are answered, in order; FIN behind them or none."""
    wanted = [good(c.rnd, c.kind) for _ in range(c.rnd.choice([1, 2, 3, 8, 40]))]
    ends = c.rnd.random() < .3 and not c.tls
    saying = asyncio.ensure_future(say_all(c, b"".join(r.raw for r in wanted), ends))
    for r in wanted:
        if c.rnd.random() < .05:
            await asyncio.sleep(.02)
        answer = await c.hear(r.bodiless)
        if not answer:
            raise Wrong(f"no answer to {r.raw[:200]}")
        r.check(*answer)
    await saying
    if ends and await c.hear():
        raise Wrong("an answer to nothing")


async def say_all(c, raw, ends):
    await c.say(raw)
    if ends:
        c.writer.write_eof()


async def goes_wrong(c):
    """Good requests, then a bad one: what follows it is not trusted, and the connection ends."""
    wanted = [good(c.rnd, c.kind) for _ in range(c.rnd.randint(0, 3))]
    ugly = bad(c.rnd)
    await asyncio.gather(say_quietly(c, b"".join(r.raw for r in wanted) + ugly), hear_all(c, wanted))


async def hear_all(c, wanted):
    for r in wanted:
        answer = await c.hear(r.bodiless)
        if not answer:
            raise Wrong(f"no answer to {r.raw[:200]} before the bad one")
        r.check(*answer)
    try:
        await asyncio.wait_for(c.rest(), c.rnd.random() * .5) # it may wait for more: then it is us who go
    except (asyncio.TimeoutError, asyncio.LimitOverrunError, OSError, Wrong):
        pass


async def say_quietly(c, raw):
    try:
        await c.say(raw)
    except OSError:
        pass


async def leaves(c):
    """In the middle of anything, politely or not."""
    raw = b"".join(good(c.rnd, c.kind).raw for _ in range(3)) + bad(c.rnd)
    await say_quietly(c, raw[:c.rnd.randrange(len(raw))])
    if c.rnd.random() < .5:
        c.reset()


async def greedy(c):
    """Asks for much and does not read it."""
    await say_quietly(c, get(b"/cardea.js" if c.kind == "web" else b"/", []).raw * c.rnd.randint(1, 300))
    await asyncio.sleep(c.rnd.random() * .2)
    c.reset()


# ---- WebSockets ----

def upgrade(rnd):
    key = base64.b64encode(rnd.randbytes(16))
    proof = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    return (b"GET / HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        b"Sec-WebSocket-Key: " + key + b"\r\nSec-WebSocket-Protocol: PROTOCOL\r\n\r\n", proof)


def frame(rnd, opcode, data, fin=True, masked=True):
    n, mask = len(data), rnd.randbytes(4)
    out = bytes([(0x80 if fin else 0) | opcode])
    bit = 0x80 if masked else 0
    out += bytes([bit | n]) if n < 126 else bytes([bit | 126]) + struct.pack(">H", n) if n < 65536 else \
        bytes([bit | 127]) + struct.pack(">Q", n)
    if not masked:
        return out + data
    return out + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(data))


def message(rnd, data):
    """In fragments, with pings between them."""
    out, opcode = b"", rnd.choice([1, 1, 2])
    while rnd.random() < .5:
        n = rnd.randint(0, len(data))
        out += frame(rnd, opcode, data[:n], fin=False)
        data, opcode = data[n:], 0
        if rnd.random() < .5:
            out += frame(rnd, rnd.choice([9, 10]), rnd.randbytes(rnd.randint(0, 125)))
    return out + frame(rnd, opcode, data)


def wrong_frames(rnd):
    return rnd.choice([lambda: frame(rnd, 1, b"{}", masked=False), lambda: frame(rnd, 1, b"\xff\xfe{}"),
        lambda: frame(rnd, 3, b""), lambda: frame(rnd, 0, b"x"), lambda: frame(rnd, 9, b"x", fin=False),
        lambda: frame(rnd, 1, b"a", fin=False) + frame(rnd, 1, b"b"), lambda: b"\xc1\x82\0\0\0\0{}",
        lambda: b"\x89\xfe\0\x80\0\0\0\0" + b"x" * 128, lambda: b"\x81\xff" + b"\xff" * 8 + b"\0" * 40,
        lambda: frame(rnd, 8, b"\x03"), lambda: frame(rnd, 8, b"\x03\xed"), lambda: frame(rnd, 8, b"\x03\xe8\xff"),
        lambda: frame(rnd, 8, b"\x03\xe8ok"), lambda: frame(rnd, 8, b""),
        lambda: b"\x81\xff" + struct.pack(">Q", 2 << 20) + b"\0" * 4 + b"x" * (2 << 20),
        lambda: frame(rnd, 1, b"x" * 600000, fin=False) + frame(rnd, 0, b"x" * 600000, fin=False)])()


async def next_frame(c):
    try:
        first, n = await c.reader.readexactly(2)
        n = n if n < 126 else int.from_bytes(await c.reader.readexactly(2 if n == 126 else 8), "big")
        return first & 15, await c.reader.readexactly(n)
    except (asyncio.IncompleteReadError, OSError, ssl.SSLError):
        return None, b""


async def until_text(c, holds):
    while True:
        opcode, data = await next_frame(c)
        if opcode == 1 and holds in data:
            return
        if opcode not in (9, 10):
            raise Wrong(f"frame {opcode} {data[:200]} in place of {holds}")


async def websocket(c):
    """Upgraded, perhaps behind requests; frames from the same segment on; perhaps wrong ones in the end."""
    raw, proof = upgrade(c.rnd)
    raw = raw.replace(b"PROTOCOL", b"janus-admin-protocol" if c.admin else b"janus-protocol")
    before = [good(c.rnd, c.kind) for _ in range(c.rnd.choice([0, 0, 1, 3]))]
    names = [b"%016x" % c.rnd.getrandbits(64) for _ in range(c.rnd.choice([1, 2, 20]))]
    tell = {"admin_secret": "adminpwd"} if c.admin else {}
    frames = b"".join(message(c.rnd, json.dumps({"janus": "ping", "transaction": n.decode(), **tell}).encode())
        for n in names)
    ugly = c.rnd.random() < .5
    saying = asyncio.ensure_future(say_quietly(c, b"".join(r.raw for r in before) + raw + frames +
        (wrong_frames(c.rnd) if ugly else b"")))
    for r in before:
        r.check(*(await c.hear(r.bodiless) or (0, b"")))
    status, fields = await c.hear() or (0, {})
    if status != 101 or fields[b"sec-websocket-accept"] != proof.lower() or b"sec-websocket-extensions" in fields:
        raise Wrong(f"handshake: {status} {fields}")
    if not ugly: # answers may be late, and the close first
        for n in names:
            await until_text(c, n)
        await saying
        return
    await saying
    try:
        opcode = 0
        while opcode is not None:
            opcode, data = await asyncio.wait_for(next_frame(c), c.rnd.random() * .5)
            if opcode == 8 and len(data) >= 2 and int.from_bytes(data[:2], "big") not in (1000, 1002, 1007, 1009):
                raise Wrong(f"closed with {data}")
    except asyncio.TimeoutError:
        pass


# ---- all of them ----

async def one(seed, number):
    rnd = random.Random(f"{seed} {number}")
    port = rnd.choice(PORTS)
    c = Client(rnd, port)
    scenario = rnd.choice([pipeline, pipeline, pipeline, goes_wrong, goes_wrong, leaves, greedy, websocket, websocket])
    if port["kind"] == "admin" and scenario is websocket:
        scenario = pipeline
    try:
        await c.open()
        try:
            await asyncio.wait_for(scenario(c), ANSWER_S)
        finally:
            await c.close()
    except (Exception, asyncio.CancelledError) as e:
        return f"client {number} ({scenario.__name__}, port {port}): {type(e).__name__}: {e}"
    return None


async def many(seed, seconds):
    number, wrong, until = 0, [], time.monotonic() + seconds

    async def in_turn():
        nonlocal number
        while time.monotonic() < until and len(wrong) < 5:
            number += 1
            failed = await one(seed, number)
            if failed:
                wrong.append(failed)
    await asyncio.gather(*[in_turn() for _ in range(AT_ONCE)])
    return number, wrong


# ---- the server, from outside ----

def descriptors():
    return len(os.listdir(f"/proc/{PID}/fd"))


def connections():
    """How many of the server's ends of TCP are open or wait for their end."""
    ports, n = {f"{p['port']:04X}" for p in PORTS}, 0
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as f:
            for fields in map(str.split, list(f)[1:]):
                listens, inode = fields[3] == "0A", fields[9]
                n += fields[1].rsplit(":", 1)[1] in ports and not listens and inode != "0"
    return n


def memory_kib():
    with open(f"/proc/{PID}/status") as f:
        return next(int(l.split()[1]) for l in f if l.startswith("VmRSS:"))


def busy_s():
    with open(f"/proc/{PID}/stat") as f:
        user, system = f.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def healthy():
    with urllib.request.urlopen(f"http://127.0.0.1:{HTTP}/health", timeout=10) as answer:
        return answer.status == 200


def aftermath(fds, kib):
    """What is wrong with the server when all have gone."""
    wrong = [] if healthy() else ["it does not answer"]
    until = time.monotonic() + 10 # connections linger for two seconds
    while descriptors() > fds and time.monotonic() < until:
        time.sleep(.1)
    if descriptors() > fds:
        wrong.append(f"{descriptors()} descriptors where there were {fds}")
    busy = busy_s()
    time.sleep(.5)
    if busy_s() - busy > .2:
        wrong.append(f"{busy_s() - busy:.2f} s of a processor in half a second of rest")
    if memory_kib() > kib + GROWTH_KIB and not SANITIZED:
        wrong.append(f"{memory_kib() - kib} KiB more memory")
    return wrong


def main():
    seed, how = sys.argv[1], sys.argv[2]
    if how.startswith("="):
        print(asyncio.run(one(seed, int(how[1:]))) or "right")
        return 0
    asyncio.run(many("warm " + seed, 1))
    until = time.monotonic() + 10 # connections linger for two seconds
    while connections() and time.monotonic() < until:
        time.sleep(.05)
    fds, kib = descriptors(), memory_kib()
    number, wrong = asyncio.run(many(seed, float(how)))
    wrong += aftermath(fds, kib)
    print(json.dumps(dict(seed=seed, clients=number, wrong=wrong, grown_kib=memory_kib() - kib)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
