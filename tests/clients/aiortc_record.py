#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An echo call by aiortc that is recorded. Usage: aiortc_record.py URL OPTIONS, of JSON: filename, seconds, codec,
port (of a lossy relay), mute_s (without a picture, in the middle), size (from the middle on). Prints what was sent
meanwhile: {frames, sound_s}."""
import asyncio
import contextvars
import fractions
import json
import re
import sys
import time

import aiohttp
import av
import aiortc.rtcrtpsender
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

import beacon
from aiortc_echo import Session

DEADLINE_S = 60
NTP_S = 2208988800  # from 1900 to 1970
LOSSLESS_S = 1  # of a call, before packets may be lost


captured = contextvars.ContextVar("captured", default=None)  # seconds since 1970, of a sender's last frame


class Clock:
    """aiortc's sender reports say when a frame has left, after its encoder, which a busy machine delays. Here: when it
    was captured."""

    def __getattr__(self, name):
        return getattr(clock, name)

    def current_ntp_time(self):
        at = captured.get()
        return clock.current_ntp_time() if at is None else int((at + NTP_S) * (1 << 32))


clock, aiortc.rtcrtpsender.clock = aiortc.rtcrtpsender.clock, Clock()


class Stage:
    """What both tracks share: their clock, and what they count."""

    def __init__(self):
        self.began = None
        self.frames = self.packets = 0
        self.size = (320, 240)
        self.is_dark = False

    async def until(self, t):
        if self.began is None:
            self.began = time.time()
        captured.set(self.began + t)
        await asyncio.sleep(max(0, self.began + t - time.time()))


class Beep(AudioStreamTrack):
    def __init__(self, stage):
        super().__init__()
        self.stage, self.position = stage, 0

    async def recv(self):
        await self.stage.until(self.position / beacon.RATE)
        frame = av.AudioFrame.from_ndarray(beacon.sound(self.position).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = beacon.RATE, self.position
        frame.time_base = fractions.Fraction(1, beacon.RATE)
        self.position += beacon.SAMPLES
        self.stage.packets += 1
        return frame


class Flash(VideoStreamTrack):
    def __init__(self, stage):
        super().__init__()
        self.stage, self.count = stage, 0

    async def recv(self):
        while True:
            t = self.count / beacon.FPS
            await self.stage.until(t)
            self.count += 1
            if not self.stage.is_dark:
                break
        width, height = self.stage.size
        frame = av.VideoFrame.from_ndarray(beacon.picture(width, height, self.count, t), format="yuv420p")
        frame.pts, frame.time_base = int(t * 90000), fractions.Fraction(1, 90000)
        self.stage.frames += 1
        return frame


def prefer(pc, codec):
    all_of = RTCRtpSender.getCapabilities("video").codecs
    [line] = [t for t in pc.getTransceivers() if t.kind == "video"]
    line.setCodecPreferences([c for c in all_of if c.mimeType.lower() in (f"video/{codec}", "video/rtx")])


async def record(say, stage, options):
    seconds = options["seconds"]
    await asyncio.sleep(LOSSLESS_S)
    await say({"record": True, "filename": options["filename"]})
    frames, packets = stage.frames, stage.packets
    await asyncio.sleep(seconds / 2)
    stage.size = tuple(options.get("size", stage.size))
    if "mute_s" in options:
        stage.is_dark = True
        await asyncio.sleep(options["mute_s"])
        stage.is_dark = False
    await asyncio.sleep(seconds / 2)
    await say({"record": False})
    return {"frames": stage.frames - frames, "sound_s": (stage.packets - packets) * beacon.SAMPLES / beacon.RATE}


class Call:
    """A handle, and who waits for its next answer."""

    def __init__(self, session, handle):
        self.session, self.handle, self.answers = session, handle, asyncio.Queue()
        self.is_up = asyncio.Event()

    async def listen(self):
        async for event in self.session.events():
            if event["janus"] == "webrtcup":
                self.is_up.set()
            if event["janus"] == "event":
                await self.answers.put(event)

    async def say(self, body, **jsep):
        await self.session.post(f"{self.session.path}/{self.handle}", {"janus": "message", "body": body, **jsep})
        told = await self.answers.get()
        assert told["plugindata"]["data"].get("result") == "ok", told
        return told.get("jsep")


async def call(pc, url, options):
    stage = Stage()
    pc.addTrack(Beep(stage))
    pc.addTrack(Flash(stage))
    prefer(pc, options.get("codec", "vp8"))
    async with aiohttp.ClientSession() as http:
        session = Session(http, url)
        await session.create()
        to = Call(session, await session.attach("janus.plugin.echotest"))
        listening = asyncio.ensure_future(to.listen())
        await pc.setLocalDescription(await pc.createOffer())
        answer = await to.say({}, jsep={"type": "offer", "sdp": pc.localDescription.sdp, "trickle": False})
        sdp = answer["sdp"]
        if "port" in options:
            sdp = re.sub(r"^(a=candidate:\S+ 1 udp \d+ \S+) \d+", rf"\1 {options['port']}", sdp, flags=re.M)
        await pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
        await to.is_up.wait()
        print(json.dumps(await record(to.say, stage, options)))
        listening.cancel()
        await session.post(session.path, {"janus": "destroy"})


async def run(url, options):
    pc = RTCPeerConnection()
    try:
        await asyncio.wait_for(call(pc, url, options), DEADLINE_S)
    finally:
        await pc.close()  # its threads outlive the loop otherwise


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], json.loads(sys.argv[2])))
