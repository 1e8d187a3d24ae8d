#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An echo call by aiortc that is recorded. Usage: aiortc_record.py URL OPTIONS, of JSON: filename, seconds, codec,
port (of a lossy relay), mute_s (without a picture, in the middle), size (from the middle on), kill (the server's pid,
when it has recorded so many seconds), still (a file, there for STILL_S in the middle), noise (in pictures). Prints what was
sent meanwhile: {frames, sound_s}; when it was killed: ended_us of Unix time; while it was still, how long nothing came back:
gap_s."""
import asyncio
import contextvars
import fractions
import json
import os
import re
import signal
import sys
import time

import aiohttp
import av
import numpy
import aiortc.codecs
import aiortc.rtcrtpsender
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

import beacon
from aiortc_echo import Session

DEADLINE_S = 60
NTP_S = 2208988800  # from 1900 to 1970
LOSSLESS_S = 1  # of a call, before packets may be lost
STILL_S = 5
NOISE = 30


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


class H264Encoder(aiortc.codecs.H264Encoder):
    """aiortc's does not heed wishes for a keyframe (_encode_frame() of 1.4 has no use for force_keyframe): a recording
    began where x264 made one by itself, at the next flash. A new codec begins with one."""

    def encode(self, frame, force_keyframe=False):
        if force_keyframe:
            self.codec = None
        return super().encode(frame, force_keyframe)


aiortc.codecs.H264Encoder = H264Encoder


class Receiver(RTCRtpReceiver):
    """Notes how long nothing has come at most."""

    last = gap_s = 0

    @classmethod
    def start_anew(cls):
        cls.last, cls.gap_s = time.monotonic(), 0

    async def _handle_rtp_packet(self, packet, arrival_time_ms):
        now = time.monotonic()
        Receiver.gap_s, Receiver.last = max(Receiver.gap_s, now - Receiver.last), now
        await super()._handle_rtp_packet(packet, arrival_time_ms)


aiortc.rtcpeerconnection.RTCRtpReceiver = Receiver


class Stage:
    """What both tracks share: their clock, and what they count."""

    def __init__(self):
        self.began = None
        self.frames = self.packets = 0
        self.size = (320, 240)
        self.is_dark = self.is_noisy = False

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
        picture = beacon.picture(width, height, self.count, t)
        if self.stage.is_noisy:
            picture[::2] -= numpy.random.randint(0, NOISE, picture[::2].shape, "uint8")
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
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
    frames, packets, gap = stage.frames, stage.packets, {}

    def sent():
        return {"frames": stage.frames - frames, "sound_s": (stage.packets - packets) * beacon.SAMPLES / beacon.RATE}

    if "kill" in options:
        await asyncio.sleep(seconds)
        os.kill(options["kill"], signal.SIGKILL)
        return {**sent(), "ended_us": int(time.time() * 1e6)}
    await asyncio.sleep(seconds / 2)
    if "still" in options:
        Receiver.start_anew()
        with open(options["still"], "w"):
            await asyncio.sleep(STILL_S)
        os.unlink(options["still"])
        gap = {"gap_s": Receiver.gap_s}
    stage.size = tuple(options.get("size", stage.size))
    if "mute_s" in options:
        stage.is_dark = True
        await asyncio.sleep(options["mute_s"])
        stage.is_dark = False
    await asyncio.sleep(seconds / 2)
    await say({"record": False})
    return {**sent(), **gap}


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
    stage.is_noisy = options.get("noise", False)
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
        if "kill" in options:
            return
        await session.post(session.path, {"janus": "destroy"})


async def run(url, options):
    pc = RTCPeerConnection()
    try:
        await asyncio.wait_for(call(pc, url, options), DEADLINE_S)
    finally:
        await pc.close()  # its threads outlive the loop otherwise


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], json.loads(sys.argv[2])))
