#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Echo calls by GStreamer's webrtcbin that are recorded, under the name of their case: see tests/lib/cases.mjs. What is
seen is what was sent meanwhile: {frames, sound_s}. CARDEA_WS: the API."""
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hostile"))
from lib import *  # noqa: E402
from gst import Bin, Gst  # noqa: E402
import beacon  # noqa: E402

DEADLINE_S = 100
SECONDS, MUTE_S = 5, 3
SIZE = (160, 120)
KEEP = "queue max-size-buffers=0 max-size-bytes=0"
AUDIO = {
    "opus": "opusenc ! rtpopuspay name=packets pt=111 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111",
    "pcma": "audioresample ! audio/x-raw,rate=8000 ! alawenc ! rtppcmapay name=packets pt=8 ! application/x-rtp,media=audio,encoding-name=PCMA,payload=8",
}
VIDEO = {
    "vp8": "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=300 ! rtpvp8pay name=frames pt=96 picture-id-mode=15-bit ! "
           "application/x-rtp,media=video,encoding-name=VP8,payload=96",
    "vp9": "vp9enc deadline=1 cpu-used=8 lag-in-frames=0 keyframe-max-dist=300 ! rtpvp9pay name=frames pt=96 picture-id-mode=15-bit ! "
           "application/x-rtp,media=video,encoding-name=VP9,payload=96",
    "h264": "openh264enc complexity=low gop-size=300 ! video/x-h264,profile=constrained-baseline ! h264parse ! rtph264pay name=frames pt=96 "
            "config-interval=-1 aggregate-mode=zero-latency ! application/x-rtp,media=video,encoding-name=H264,payload=96",
}


class Beacon(Bin):
    def __init__(self, audio, video):
        raw = f"video/x-raw,format=I420,width={SIZE[0]},height={SIZE[1]},framerate={beacon.FPS}/1"
        super().__init__(
            f"appsrc name=sound is-live=true format=time caps=audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate={beacon.RATE} ! "
            f"{KEEP} ! audioconvert ! {AUDIO[audio]} ! valve name=mute ! w. "
            f"appsrc name=pictures is-live=true format=time caps={raw} ! {KEEP} ! {VIDEO[video]} ! w. ", "bundle-policy=max-bundle")
        self.sent = {"frames": 0, "packets": 0}
        for name in self.sent:
            self.pipe.get_by_name(name).get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, self.count, name)
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.feed, daemon=True)
        self.thread.start()

    def count(self, _, info, name):
        self.sent[name] += 1
        return Gst.PadProbeReturn.OK

    def now_s(self):
        clock = self.pipe.get_clock()
        return (clock.get_time() - self.pipe.get_base_time()) / Gst.SECOND if clock else 0

    def push(self, to, data, start, t, duration):
        b = Gst.Buffer.new_wrapped(data.tobytes())
        b.pts, b.duration = int((start + t) * Gst.SECOND), int(duration * Gst.SECOND)
        to.emit("push-buffer", b)

    def feed(self):
        """Both from one clock, each when it is due."""
        sound, pictures = (self.pipe.get_by_name(n) for n in ("sound", "pictures"))
        while not self.pipe.get_clock():
            self.is_over.wait(0.01)
        start, i, k = self.now_s(), 0, 0
        while not self.is_over.is_set():
            heard, seen = i * beacon.SAMPLES / beacon.RATE, k / beacon.FPS
            self.is_over.wait(max(0, start + min(heard, seen) - self.now_s()))
            if heard <= seen:
                self.push(sound, beacon.sound(i * beacon.SAMPLES), start, heard, beacon.SAMPLES / beacon.RATE)
                i += 1
            else:
                self.push(pictures, beacon.picture(*SIZE, k, seen), start, seen, 1 / beacon.FPS)
                k += 1

    def stop(self):
        self.is_over.set()
        self.thread.join()
        super().stop()


one_by_one = asyncio.Lock()  # set-ups have time limits of their own
few = asyncio.Semaphore(2)  # encoders that are late say nothing of what is recorded


async def record(*of):
    async with few:
        return await recorded(*of)


async def recorded(a, name, audio, video, mute_s=0):
    async with one_by_one:
        h, client = await a.attach(), Beacon(audio, video)
        try:
            answer, told = await a.echo(await client.offer(), h)
            assert answer, told
            await client.take(answer)
            assert await a.hears(h, "webrtcup", DEADLINE_S)
        except BaseException:
            client.stop()
            raise
    try:
        await asyncio.sleep(1)
        told = await a.say(h, dict(record=True, filename=name))
        assert told.get("result") == "ok", told
        first = dict(client.sent)
        await asyncio.sleep(SECONDS / 2)
        if mute_s:
            client.pipe.get_by_name("mute").set_property("drop", True)
            await asyncio.sleep(mute_s)
            client.pipe.get_by_name("mute").set_property("drop", False)
        await asyncio.sleep(SECONDS / 2)
        await a.say(h, dict(record=False))
        frames, packets = (client.sent[name] - first[name] for name in ("frames", "packets"))
        return True, dict(frames=frames, sound_s=packets * beacon.SAMPLES / beacon.RATE)
    finally:
        client.stop()


run_cases({
    "vp8": lambda a: record(a, "vp8", "opus", "vp8"),
    "vp9": lambda a: record(a, "vp9", "opus", "vp9"),
    "h264": lambda a: record(a, "h264", "opus", "h264"),
    "pcma": lambda a: record(a, "pcma", "pcma", "vp8"),
    "muted": lambda a: record(a, "muted", "opus", "vp8", MUTE_S),
}, DEADLINE_S)
