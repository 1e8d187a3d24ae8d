#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""GStreamer's webrtcbin as a client, as it comes (without BUNDLE: a transport for each m-line) and bundled: see
tests/lib/cases.mjs. CARDEA_WS: the API."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hostile"))
from lib import *  # noqa: E402
from rtc import *  # noqa: E402
from gst import AUDIO, VIDEO, Bin  # noqa: E402

ECHO, ROOM = "janus.plugin.echotest", "janus.plugin.videoroom"
PACKETS = {"audio": 150, "video": 30}  # three seconds, for what works at first only
DEADLINE_S = 25


async def heard(counts, *kinds):
    """So many packets of each kind, and none of others."""
    while any(counts().get(k, 0) < PACKETS[k] for k in kinds):
        await asyncio.sleep(0.05)
    seen = counts()
    return set(seen) == set(kinds), seen


def of(client):
    return lambda: {k: n[0] for k, n in client.bytes.items()}


async def make_room(a):
    room, h = random.randint(10**6, 10**9), await a.attach(ROOM)
    await a.say(h, dict(request="create", room=room, publishers=6))
    await a.say(h, dict(request="join", ptype="publisher", room=room, id=1))
    return room, h


# ---- calls ----

async def echo(a, props, *kinds):
    h, client = await a.attach(ECHO), Bin(AUDIO + VIDEO, props)
    try:
        sdp, told = await a.echo(await client.offer(), h)
        if not sdp:
            return False, told
        await client.take(sdp)
        return await heard(of(client), *kinds)
    finally:
        client.stop()


async def data(a, props):
    h, client = await a.attach(ECHO), Bin(props=props, data="JanusDataChannel")
    try:
        sdp, told = await a.echo(await client.offer(), h)
        if not sdp:
            return False, told
        await client.take(sdp)
        await client.opened.wait()
        client.ch.emit("send-string", "hello")
        text = await client.messages.get()
        return text.endswith("hello"), text
    finally:
        client.stop()


async def publish(a, props, *kinds):
    """A peer of ours subscribes to all there is."""
    room, h = await make_room(a)
    client, eye = Bin(AUDIO + VIDEO, props), await Peer().gather()
    try:
        told = await a.say(h, dict(request="publish"), dict(type="offer", sdp=await client.offer()))
        await client.take(told["jsep"]["sdp"])
        assert await a.hears(h, "webrtcup", DEADLINE_S)
        hs = await a.attach(ROOM)
        told = await a.say(hs, dict(request="join", ptype="subscriber", room=room, streams=[dict(feed=1)]))
        offer = told["jsep"]["sdp"]
        types = {}
        lines = []
        for line in sections(offer)[1:]:
            kind, _, proto, formats = m(line)
            types[int(formats[0])] = kind
            lines.append([f"m={kind} 9 {proto} {formats[0]}", "c=IN IP4 0.0.0.0", *eye.creds("active"),
                          f"a=mid:{attr(line, 'mid')[0]}", "a=recvonly", "a=rtcp-mux", f"a=rtpmap:{attr(line, 'rtpmap')[0]}"])
        mids = " ".join(attr(line, "mid")[0] for line in lines)
        await a.say(hs, dict(request="start"), dict(type="answer", sdp=sdp(head(f"BUNDLE {mids}"), *lines)))
        await eye.up(offer, role="client")

        def counts():
            kinds = [types.get(head_of(p)[0], "?") for p in eye.dtls.rtp]
            return {k: kinds.count(k) for k in set(kinds)}
        return await heard(counts, *kinds)
    finally:
        client.stop()
        await eye.stop()


async def pump(peer):
    i = 0
    while True:
        await peer.send(rtp(111, 100 + i, 960 * i, 1234, b"\x78" + b"a" * 20))
        await peer.send(rtp(96, 300 + i, 3000 * i, 5678, VP8_KEY if i % 30 == 0 else VP8_DELTA, marker=True))
        i += 1
        await asyncio.sleep(0.02)


async def subscribe(a, props, *kinds):
    """A peer of ours publishes sound and pictures."""
    room, h = await make_room(a)
    peer = await Peer().gather()
    told = await a.say(h, dict(request="publish"), dict(type="offer", sdp=sdp(
        head(), peer.fill(audio(dir="sendonly")), peer.fill(video(dir="sendonly")))))
    await peer.up(told["jsep"]["sdp"])
    sending, client = asyncio.create_task(pump(peer)), Bin(props=props)
    try:
        hs = await a.attach(ROOM)
        told = await a.say(hs, dict(request="join", ptype="subscriber", room=room, streams=[dict(feed=1)]))
        await client.take(told["jsep"]["sdp"], "offer")
        told = await a.say(hs, dict(request="start"), dict(type="answer", sdp=await client.answer()))
        assert told.get("started") == "ok", told
        return await heard(of(client), *kinds)
    finally:
        sending.cancel()
        client.stop()
        await peer.stop()


BUNDLED = "bundle-policy=max-bundle"
CALLS = {
    "echo, as it comes": lambda a: echo(a, "", "audio"),
    "echo, bundled": lambda a: echo(a, BUNDLED, "audio", "video"),
    "publish, as it comes": lambda a: publish(a, "", "audio"),
    "publish, bundled": lambda a: publish(a, BUNDLED, "audio", "video"),
    "subscribe, as it comes": lambda a: subscribe(a, "", "audio"),
    "subscribe, bundled": lambda a: subscribe(a, BUNDLED, "audio", "video"),
    "data": lambda a: data(a, ""),
}


run_cases(CALLS, DEADLINE_S)
