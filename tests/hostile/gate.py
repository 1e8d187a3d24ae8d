"""Attacks on the gate: the API, HTTP and WebSockets, by a client that has no PeerConnection. For attacks.py."""
import asyncio, json, os, time
from urllib.parse import urlsplit
from lib import WS, tx

WEB = urlsplit(os.environ.get("CARDEA_HTTP", "http://127.0.0.1:8088"))
ROOM = int(os.environ.get("CARDEA_ROOM", 0))
PING = b"GET /janus/info HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def dial():
    return await asyncio.open_connection(WEB.hostname, WEB.port)


async def shut(*writers):
    for w in writers:
        w.close()
    await asyncio.gather(*[w.wait_closed() for w in writers], return_exceptions=True)


async def count_answers(reader):
    """Status lines until the connection ends."""
    n, tail = 0, b""
    while data := await reader.read(1 << 16):
        data = tail + data
        n += data.count(b"HTTP/1.1 ")
        tail = data[-8:]
    return n


async def request_flood(a, until_end):
    """Requests without a pause; each is answered, be it by an error."""
    sent = seen = refused = 0

    async def read():
        nonlocal seen, refused
        async for m in ws:
            seen += 1
            refused += '"error"' in m.data
            if sent == seen and is_over:
                return
    is_over = False
    ws = await a.http.ws_connect(WS, protocols=["janus-protocol"], max_msg_size=0)
    reading = asyncio.create_task(read())
    for _ in until_end():
        for _ in range(50):
            await ws.send_str(json.dumps({"janus": "info", "transaction": "flood"}))
            sent += 1
    is_over = True
    await ws.send_str(json.dumps({"janus": "ping", "transaction": "last"}))
    sent += 1
    await asyncio.wait_for(reading, 20)
    await ws.close()
    return seen == sent > 500, dict(sent=sent, answered=seen, refused=refused)


async def pipelined_requests(a, until_end):
    """Hundreds of requests in one segment, on several connections, with bodies between them."""
    body = b'{"janus":"ping","transaction":"p"}'
    post = b"POST /janus HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    last = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    sent = answered = 0
    for _ in until_end():
        ends = [await dial() for _ in range(4)]
        for _, w in ends:
            w.write((PING + post) * 100 + last)
        got = await asyncio.gather(*[asyncio.wait_for(count_answers(r), 20) for r, _ in ends])
        await shut(*[w for _, w in ends])
        sent += 201 * len(ends)
        answered += sum(got)
    return answered == sent, dict(sent=sent, answered=answered)


async def half_requests(a, until_end):
    """Connections that begin a request and never end it, byte by byte, with heads that are too long among them."""
    ends, refused = [], 0
    for i, _ in enumerate(until_end()):
        if len(ends) < 300:
            ends.append(await dial())
        r, w = ends[i % len(ends)]
        w.write(PING[i // 300 % 20:][:1])
        if i % 20 == 0:
            r, w = await dial()
            w.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40000 + b"\r\n\r\n")
            refused += b" 431 " in await asyncio.wait_for(r.readline(), 10)
            await shut(w)
        await asyncio.sleep(0.001)
    await shut(*[w for _, w in ends])
    return refused > 2, dict(open=len(ends), refused=refused)


async def sessions_flood(a, until_end):
    """Sessions and handles without end, in rooms and out of them."""
    made = refused = 0
    for _ in until_end():
        r = await a.ask(janus="create")
        if r["janus"] == "error":
            refused += 1
            continue
        made += 1
        session = r["data"]["id"]
        for _ in range(3):
            r = await a.ask(janus="attach", session_id=session, plugin="janus.plugin.videoroom")
            await a.ask(janus="message", session_id=session, handle_id=r["data"]["id"], body=dict(
                request="join", ptype="publisher", room=ROOM, display="x" * 100))
        if made % 2:
            await a.ask(janus="destroy", session_id=session)
    return made > 20, dict(made=made, refused=refused)


async def subscriptions(a, until_end):
    """Subscriptions of everything that is there, a thousand times in one request, begun and left."""
    asked = refused = 0
    h = await a.attach("janus.plugin.videoroom")
    r = await a.say(h, dict(request="join", ptype="publisher", room=ROOM))
    feeds = [p["id"] for p in r["publishers"]]
    for _ in until_end():
        s = await a.attach("janus.plugin.videoroom")
        for streams in ([dict(feed=feeds[i % len(feeds)]) for i in range(1000)], [dict(feed=f) for f in feeds]):
            r = await a.say(s, dict(request="join", ptype="subscriber", room=ROOM, streams=streams))
            asked += 1
            refused += "error" in r
        await a.ask(janus="detach", session_id=a.session, handle_id=s)
    return asked > 10 and refused >= asked / 2, dict(asked=asked, refused=refused)


ATTACKS = (request_flood, pipelined_requests, half_requests, sessions_flood, subscriptions)
