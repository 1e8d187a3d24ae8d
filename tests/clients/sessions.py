# SPDX-License-Identifier: Apache-2.0
"""Whole sessions by http.client, urllib and aiohttp: sessions.py CERTIFICATE URL…"""
import asyncio
import http.client
import json
import ssl
import sys
import urllib.parse
import urllib.request
import aiohttp

ECHO = "janus.plugin.echotest"


def wrong(what):
    raise SystemExit(f"wrong: {what}")


async def session(ask, event, base):
    """@param ask gives the answer to a request @param event the next event of the session"""
    async def success(**what):
        answer = await ask(dict(what, transaction="t"))
        if answer["janus"] not in ("success", "ack"):
            wrong(answer)
        return answer.get("data", {}).get("id")
    sid = await success(janus="create")
    hid = await success(janus="attach", plugin=ECHO, session_id=sid)
    await success(janus="message", body={"audio": True}, session_id=sid, handle_id=hid)
    said = await event(sid)
    if said["plugindata"]["data"]["result"] != "ok":
        wrong(said)
    await success(janus="destroy", session_id=sid)


async def by_http_client(base, tls, chunked):
    u = urllib.parse.urlsplit(base)
    c = http.client.HTTPSConnection(u.netloc, context=tls, timeout=20) if u.scheme == "https" else \
        http.client.HTTPConnection(u.netloc, timeout=20)

    async def ask(what):
        text = json.dumps(what).encode()
        c.request("POST", u.path, iter([text[:5], text[5:]]) if chunked else text)
        return json.loads(c.getresponse().read())

    async def event(sid):
        c.request("GET", f"{u.path}/{sid}")
        return json.loads(c.getresponse().read())
    await session(ask, event, base)
    c.close()


async def by_urllib(base, tls, _):
    def fetch(request):
        with urllib.request.urlopen(request, context=tls, timeout=20) as answer:
            return json.loads(answer.read())

    async def ask(what):
        return fetch(urllib.request.Request(base, json.dumps(what).encode()))

    async def event(sid):
        return fetch(f"{base}/{sid}")
    await session(ask, event, base)


async def by_aiohttp(base, tls, _):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as client:
        async def ask(what):
            async with client.post(base, json=what) as answer:
                return await answer.json()

        async def event(sid):
            async with client.get(f"{base}/{sid}") as answer:
                return await answer.json()
        await session(ask, event, base)


async def by_aiohttp_socket(base, tls, compress):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as client:
        async with client.ws_connect(base, protocols=["janus-protocol"], compress=15 if compress else 0) as ws:
            async def ask(what):
                await ws.send_json(what)
                return await ws.receive_json(timeout=20)

            async def event(_):
                return await ws.receive_json(timeout=20)
            await session(ask, event, base)


async def main():
    tls = ssl.create_default_context(cafile=sys.argv[1])
    for base in sys.argv[2:]:
        for way in (by_http_client, by_urllib, by_aiohttp, by_aiohttp_socket):
            for special in (False, True):
                await way(base, tls, special)
    print("right")


asyncio.run(main())
