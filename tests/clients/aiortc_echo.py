#!/usr/bin/python3
"""An echo call by aiortc over HTTP with long poll: sends real sound and pictures, and checks those
that come back. Usage: aiortc_echo.py URL. Exit status 0 and a line of figures when all is well."""
import asyncio
import fractions
import json
import random
import string
import sys
import time

import aiohttp
import av
import numpy
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

DEADLINE_S = 40
WANTED_FRAMES = 20
WANTED_DIFFERENT = 5
TONE_HZ = 440
AUDIO_RATE = 8000
AUDIO_SAMPLES = 160


class Tone(AudioStreamTrack):
    """A sine tone in place of the silence of its base class."""

    def __init__(self):
        super().__init__()
        self.position = 0
        self.began = None

    async def recv(self):
        if self.began is None:
            self.began = time.time()
        due = self.began + self.position / AUDIO_RATE
        await asyncio.sleep(max(0, due - time.time()))
        steps = numpy.arange(self.position, self.position + AUDIO_SAMPLES)
        wave = (numpy.sin(2 * numpy.pi * TONE_HZ * steps / AUDIO_RATE) * 12000).astype("int16")
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = AUDIO_RATE
        frame.pts = self.position
        frame.time_base = fractions.Fraction(1, AUDIO_RATE)
        self.position += AUDIO_SAMPLES
        return frame


class Stripes(VideoStreamTrack):
    """Bright stripes that move by a few pixels with each frame."""

    def __init__(self):
        super().__init__()
        self.count = 0

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        columns = ((numpy.arange(320) + 4 * self.count) // 20 % 2 * 200 + 30).astype("uint8")
        picture = numpy.repeat(numpy.tile(columns, (240, 1))[:, :, None], 3, axis=2)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        self.count += 1
        return frame


class Session:
    """A session of the HTTP API, with one object per poll."""

    def __init__(self, http, url):
        self.http, self.url, self.path = http, url, url

    async def post(self, path, message):
        message["transaction"] = "".join(random.choices(string.ascii_letters, k=12))
        async with self.http.post(path, json=message) as answer:
            assert answer.status == 200, answer.status
            told = await answer.json()
            assert told["transaction"] == message["transaction"], told
            return told

    async def create(self):
        told = await self.post(self.url, {"janus": "create", "session_id": None})
        assert told["janus"] == "success", told
        self.path = f"{self.url}/{told['data']['id']}"

    async def attach(self, plugin):
        told = await self.post(self.path, {"janus": "attach", "plugin": plugin})
        assert told["janus"] == "success", told
        return told["data"]["id"]

    async def events(self):
        while True:
            async with self.http.get(self.path, params={"maxev": 1}) as answer:
                if answer.status != 200:
                    return
                event = await answer.json()
                assert isinstance(event, dict), event
                if event["janus"] != "keepalive":
                    yield event


async def count_frames(track, seen):
    """Receive until enough frames have come that differ, and are neither black nor silent."""
    frames = seen[track.kind]
    while len(frames) < WANTED_FRAMES or len(set(frames)) < WANTED_DIFFERENT:
        frame = await track.recv()
        data = frame.to_ndarray()
        is_alive = int(numpy.abs(data.astype("int32")).max()) > 100
        if is_alive:
            frames.append(hash(data.tobytes()))


async def run(url):
    pc = RTCPeerConnection()
    try:
        await asyncio.wait_for(call(pc, url), DEADLINE_S)
    finally:
        await pc.close()  # its threads outlive the loop otherwise


async def call(pc, url):
    seen = {"audio": [], "video": []}
    receivers = []
    pc.on("track", lambda track: receivers.append(asyncio.ensure_future(count_frames(track, seen))))
    pc.addTrack(Tone())
    pc.addTrack(Stripes())
    async with aiohttp.ClientSession() as http:
        session = Session(http, url)
        await session.create()
        handle = await session.attach("janus.plugin.echotest")
        await pc.setLocalDescription(await pc.createOffer())
        jsep = {"type": pc.localDescription.type, "sdp": pc.localDescription.sdp, "trickle": False}
        told = await session.post(f"{session.path}/{handle}", {"janus": "message",
                                  "body": {"audio": True, "video": True}, "jsep": jsep})
        assert told["janus"] == "ack", told
        is_up = False
        async for event in session.events():
            assert event.get("sender") == handle, event
            if "jsep" in event:
                assert event["plugindata"]["data"]["result"] == "ok", event
                await pc.setRemoteDescription(RTCSessionDescription(**event["jsep"]))
            is_up = is_up or event["janus"] == "webrtcup"
            if is_up and pc.remoteDescription:
                break
        assert len(receivers) == 2, "no two tracks came back"
        await asyncio.gather(*receivers)
        told = await session.post(session.path, {"janus": "destroy"})
        assert told["janus"] == "success", told
    print(json.dumps({kind: len(frames) for kind, frames in seen.items()}))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
