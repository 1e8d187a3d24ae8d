#!/usr/bin/python3
"""A data channel of aiortc to the echo test: much goes up, and the same must come down.
Usage: aiortc_data.py URL MEGABYTES [PORT]: of a lossy relay in front of the server.
Exit status 0 and a line of figures when all is well."""
import asyncio
import json
import random
import re
import sys

import aiohttp
from aiortc import RTCPeerConnection, RTCSessionDescription

from aiortc_echo import Session

DEADLINE_S = 100
SIZE = 32768
WROTE = "Janus EchoTest here! You wrote: "
AHEAD = 1 << 20


def pattern(number):
    return random.Random(number).randbytes(SIZE)


async def exchange(channel, count):
    """Send @p count messages, no more than a megabyte ahead. @return how many came back unchanged"""
    done, room = asyncio.Event(), asyncio.Event()
    good, heard = 0, 0

    @channel.on("message")
    def on_message(data):
        nonlocal good, heard
        good += data == pattern(heard)
        heard += 1
        if heard == count:
            done.set()

    channel.bufferedAmountLowThreshold = AHEAD // 2
    channel.on("bufferedamountlow", room.set)
    for number in range(count):
        if channel.bufferedAmount > AHEAD:
            room.clear()
            await room.wait()
        channel.send(pattern(number))
    await done.wait()
    channel.remove_all_listeners("message")
    return good


async def greet(channel):
    answer = asyncio.get_running_loop().create_future()
    channel.once("message", answer.set_result)
    channel.send("hello")
    assert await answer == WROTE + "hello", answer


async def call(pc, url, count, relay):
    channel = pc.createDataChannel("aiortc")
    opened = asyncio.Event()
    channel.on("open", opened.set)
    async with aiohttp.ClientSession() as http:
        session = Session(http, url)
        await session.create()
        handle = await session.attach("janus.plugin.echotest")
        await pc.setLocalDescription(await pc.createOffer())
        jsep = {"type": pc.localDescription.type, "sdp": pc.localDescription.sdp, "trickle": False}
        await session.post(f"{session.path}/{handle}", {"janus": "message", "body": {}, "jsep": jsep})
        async for event in session.events():
            if "jsep" in event:
                sdp = event["jsep"]["sdp"]
                if relay:
                    sdp = re.sub(r"^(a=candidate:\S+ 1 udp \d+ \S+) \d+", rf"\1 {relay}", sdp, flags=re.M)
                await pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
                break
        await opened.wait()
        await greet(channel)
        good = await exchange(channel, count)
        await session.post(session.path, {"janus": "destroy"})
    print(json.dumps({"sent": count, "good": good}))


async def run(url, megabytes, relay=None):
    pc = RTCPeerConnection()
    try:
        await asyncio.wait_for(call(pc, url, int(megabytes) * (1 << 20) // SIZE, relay), DEADLINE_S)
    finally:
        await pc.close()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
