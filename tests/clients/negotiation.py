#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Offers and answers from the field, or by the letter of the RFC, with the right value at the head of each: see
tests/lib/cases.mjs. CARDEA_WS: the API."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hostile"))
from lib import *  # noqa: E402
from rtc import *  # noqa: E402

ECHO, ROOM = "janus.plugin.echotest", "janus.plugin.videoroom"
DEADLINE_S = 20
STOPPED = ["c=IN IP4 0.0.0.0", "a=inactive"]


def ports(text):
    return [m(x)[1] for x in sections(text)[1:]]


async def answer(a, *parts, handle=None, nl="\r\n", **jsep):
    text, told = await a.echo(sdp(*parts, nl=nl), handle, **jsep)
    assert text, told
    return text


def without(lines, *prefixes):
    return [x for x in lines if not x.startswith(prefixes)]


def noise(**k):
    """An audio m-line with nothing in it that we know."""
    return [x.replace("111 8", "13").replace("111 opus/48000/2", "13 CN/8000") for x in without(audio(**k), "a=fmtp")]


def bare(lines):
    """Without attributes of transport."""
    return without(lines, "a=ice-", "a=fingerprint", "a=setup")


# ---- groups ----

async def no_group(a):
    """RFC 9143, 7.3: an answer has no group that was not offered; who has one transport takes one m-line."""
    seen = []
    for parts in ((audio(n=1), video(n=2)), (audio(),), (data(),), (data(n=1), audio(n=2))):
        text = await answer(a, head(None), *parts)
        seen.append((bundle(text), ports(text)))
    return seen == [(None, [9, 0]), (None, [9]), (None, [9]), (None, [9, 0])], seen


async def no_group_and_the_first_line_turned_down(a):
    """… and when the first has no codec in common, another."""
    text = await answer(a, head(None), noise(n=1), video(n=2))
    return (bundle(text), ports(text)) == (None, [0, 9]), ports(text)


async def two_groups(a):
    """They stay apart, or the later ones are rejected."""
    text = await answer(a, head("BUNDLE 0 1", "a=group:BUNDLE 2 3"), audio("0", n=1), video("1", n=1), audio("2", n=2), video("3", n=2))
    return (bundle(text), ports(text)) == (["0", "1"], [9, 9, 0, 0]), (bundle(text), ports(text))


async def group_of_strangers(a):
    """Mids that are not there, twice there, of a rejected m-line, and an m-line that the group leaves out."""
    text = await answer(a, head("BUNDLE x 0 0 1"), audio("0"), video("1", port=0), video("2", n=2))
    return (bundle(text), ports(text)) == (["0"], [9, 0, 0]), (bundle(text), ports(text))


async def bundle_only(a):
    """RFC 9143, 6: port 0 with a=bundle-only is offered, if its group has an address; with a port it means nothing."""
    only = ("a=bundle-only",)
    seen = [ports(await answer(a, head(g), audio("0"), video("1", port=p, n=2, more=only)))
            for g, p in (("BUNDLE 0 1", 0), ("BUNDLE 1 0", 0), ("BUNDLE 0", 0), (None, 0), (None, 9), ("BUNDLE 0 1", 9))]
    return seen == [[9, 9], [9, 9], [9, 0], [9, 0], [9, 0], [9, 9]], seen


async def call_is_up(a, *parts, media):
    h, text = await a.attach(), None
    text = await answer(a, *parts, handle=h)
    shook = await media.up(text)
    up = await a.hears(h, "webrtcup", 3)
    await media.stop()
    return shook and up is not None, (bundle(text), ports(text))


async def tag_not_first(a):
    """RFC 9143, 7.1.3: ICE, fingerprint and setup are those of the tagged m-line."""
    p = await Peer().gather()
    return await call_is_up(a, head("BUNDLE 1 0"), audio(n=7), p.fill(video()), media=p)


async def tag_turned_down(a):
    """RFC 9143, 7.3.1: then the next one in the group is the tagged one."""
    p = await Peer().gather()
    return await call_is_up(a, head("BUNDLE 0 1"), noise(n=7), p.fill(video()), media=p)


async def transport_at_the_tag_alone(a):
    """RFC 9143, 7.1.3: attributes of transport, and rtcp-mux, may stand with the tagged m-line only."""
    p = await Peer().gather()
    good, seen = await call_is_up(a, head("BUNDLE 1 0"), bare(audio(mux=False)), p.fill(video()), media=p)
    return good and seen == (["1", "0"], [9, 9]), seen


async def transport_in_the_session(a):
    p = await Peer().gather()
    good, seen = await call_is_up(a, head("BUNDLE 0 1", *p.creds()), bare(audio()), bare(video()), media=p)
    return good and seen[1] == [9, 9], seen


async def second_transport_only(a):
    """Without a group, the first m-line stopped: the other's transport."""
    p = await Peer().gather()
    return await call_is_up(a, head(None), audio(port=0, n=7), p.fill(video()), media=p)


# ---- stopped m-lines ----

async def all_stopped(a):
    """RFC 9429, 5.3.1; RFC 3264, 6: answered in kind, whatever is left of transport and of groups."""
    seen = []
    for kept in (creds(), []):
        for group in (None, "BUNDLE 0 1"):
            for first in (False, True):
                h = await a.attach()
                if not first:
                    await answer(a, head(), audio(), video(), handle=h)
                dead = [[f"m={k} 0 UDP/TLS/RTP/SAVPF {pt}", *STOPPED, *kept, f"a=mid:{i}", "a=rtcp-mux", f"a=rtpmap:{pt} {c}"]
                        for i, (k, pt, c) in enumerate((("audio", 111, "opus/48000/2"), ("video", 96, "VP8/90000")))]
                text = await answer(a, head(group), *dead, handle=h)
                seen.append((bundle(text), ports(text)))
    text = await answer(a, head(), audio(port=0), video(port=0))
    seen.append((bundle(text), ports(text)))
    return all(s == (None, [0, 0]) for s in seen), seen


async def stopped_and_used_again(a):
    """The transport goes with the last m-line, and what comes after has another: DTLS anew, on the same handle."""
    h, p, q = await a.attach(), await Peer().gather(), await Peer().gather()
    text = await answer(a, head("BUNDLE 0"), p.fill(audio()), handle=h)
    up = [await p.up(text), await a.hears(h, "webrtcup", 3)]
    await answer(a, head(None), audio(port=0), handle=h)
    text = await answer(a, head("BUNDLE 1"), q.fill(video()), handle=h)
    up += [await q.up(text), await a.hears(h, "webrtcup", 3)]
    gone = await a.hears(h, "hangup", 0.3)
    await p.stop()
    await q.stop()
    return all(up) and not gone and bundle(text) == ["1"], (ports(text), gone)


async def first_line_stopped(a):
    """… and others run on: with a mid and without one, in Chromium's and in Firefox's form."""
    live = without(video(mid="1"), "a=fingerprint")
    seen = []
    for dead in (["m=audio 0 UDP/TLS/RTP/SAVPF 0", *STOPPED, "a=rtpmap:0 PCMU/8000"], audio(port=0), bare(audio(port=0))):
        text = await answer(a, head("BUNDLE 1", f"a=fingerprint:sha-256 {FP}"), dead, live)
        seen.append((bundle(text), ports(text)))
    return all(s == (["1"], [0, 9]) for s in seen), seen


# ---- said only when offered ----

async def mixed(a):
    """RFC 8285, 6: extmap-allow-mixed, level for level."""
    def where(text):
        return ["a=extmap-allow-mixed" in s for s in sections(text)]
    line = ("a=extmap-allow-mixed",)
    seen = [where(await answer(a, head("BUNDLE 0 1", *s), audio(more=x), video(more=y)))
            for s, x, y in (((), (), ()), (line, (), ()), ((), line, ()), ((), (), line))]
    return seen == [[False] * 3, [True, False, False], [False, True, False], [False, False, True]], seen


async def mux(a):
    """RFC 8035: a=rtcp-mux is not in an answer when it was not offered; the m-line is rejected (RFC 9429, 5.3.1)."""
    seen = []
    for muxes in ((False, False), (True, False), (False, True), (True, True)):
        text = await answer(a, head(), audio(mux=muxes[0]), video(mux=muxes[1]))
        seen.append([(m(x)[1] != 0, "a=rtcp-mux" in x) for x in sections(text)[1:]] == [(o, o) for o in muxes])
    text = await answer(a, head(), bare(audio(mux=False)), video())
    seen.append([m(x)[1] != 0 for x in sections(text)[1:]] == [False, True] and bundle(text) == ["1"])
    return all(seen), seen


async def rsize(a):
    """RFC 5506: agreed on where it is offered."""
    text = await answer(a, head(), audio(more=("a=rtcp-rsize",)), video())
    got = ["a=rtcp-rsize" in x for x in sections(text)[1:]]
    return got == [True, False], got


async def profiles(a):
    """RFC 9429, 5.1.2: the profile is the offer's, m-line by m-line; of rejected ones, too."""
    seen = []
    for x, y, port in (("RTP/SAVPF", "UDP/TLS/RTP/SAVPF", 9), ("UDP/TLS/RTP/SAVPF", "RTP/AVPF", 9), ("RTP/AVP", "UDP/TLS/RTP/SAVP", 0)):
        text = await answer(a, head(), audio(proto=x), video(proto=y, port=port))
        seen.append([m(z)[2] for z in sections(text)[1:]] == [x, y])
    return all(seen), seen


async def data_forms(a):
    """RFC 8841, 5: proto and format are the offer's; no port, no m-line."""
    both = ("a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 1024")
    new, old = "UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5000"
    seen = []
    for fmt, more, port in ((new, both[:1], 9), (new, both, 9), (new, both[::-1], 9), (old, both[1:], 9), (old, (), 9), (new, (), 0),
                            (new, both[1:], 0), (new, ("a=sctp-port:0",), 0), (new, ("a=sctp-port:6000 ",), 9)):
        text = await answer(a, head("BUNDLE 2"), data(fmt=fmt, more=more))
        line = sections(text)[1]
        seen.append((" ".join(line[0].split()[2:]), m(line)[1], bool(attr(line, "sctp-port"))) == (fmt, port, port != 0 and fmt == new))
    return all(seen), seen


async def blanks(a):
    """A blank after an attribute is nobody's value; lines end as they like."""
    seen = []
    for nl in (" \r\n", "\t\n", "\r", " \r", "\n", "\r\r\n"):
        text = await answer(a, head("BUNDLE 0 1"), audio(), video(port=0, more=("a=bundle-only",)), nl=nl)
        seen.append((bundle(text), ports(text)))
    return all(s == (["0", "1"], [9, 9]) for s in seen), seen


# ---- candidates ----

async def candidates(a):
    """webrtc-pc, RTCIceCandidateInit: null is what is not there, one of the first two suffices, "" ends them."""
    line = "candidate:1 1 udp 2130706431 192.0.2.9 50000 typ host"
    forms = (dict(candidate=line, sdpMid="0", sdpMLineIndex=0, usernameFragment="uf01"),
             dict(candidate=line, sdpMid=None, sdpMLineIndex=0, usernameFragment=None),
             dict(candidate=line, sdpMid="0", sdpMLineIndex=None), dict(candidate=line, sdpMLineIndex=0),
             dict(candidate="", sdpMid="0"), dict(candidate="", sdpMid=None, sdpMLineIndex=None),
             dict(candidate=None, sdpMid="0"), None, dict(completed=True))
    h = await a.attach()
    await answer(a, head(), audio(), video(), handle=h)
    bad = [f for f in forms if (await a.trickle(h, f))["janus"] != "ack"]
    return not bad, bad


# ---- what is sent ----

def kinds(compound):
    at, out = 0, []
    while at < len(compound):
        out.append(compound[at + 1])
        at += 4 * (int.from_bytes(compound[at + 2:at + 4], "big") + 1)
    return out


async def whole_compounds(a):
    """RFC 3550, 6.1; RFC 4585, 3.1: a report first and a CNAME, unless reduced size is agreed on."""
    h, p = await a.attach(), await Peer().gather()
    text, _ = await a.echo(sdp(head("BUNDLE 1"), p.fill(video(more=("a=rtcp-fb:96 goog-remb",)))), h,
                           body=dict(audio=True, video=True, bitrate=128000))
    await p.up(text)
    seq = 100
    seen = set()
    while not {205, 206} <= seen:  # NACK and PLI or REMB
        seq += 2  # every other one is lost
        await p.send(rtp(96, seq, 1500 * seq, 777, VP8_KEY if seq == 102 else VP8_DELTA, marker=True))
        await asyncio.sleep(0.02)
        seen = {k for c in p.dtls.rtcp for k in kinds(c)}
    bad = [kinds(c) for c in p.dtls.rtcp if kinds(c)[0] not in (200, 201) or 202 not in kinds(c)]
    await p.stop()
    return not bad, bad


LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TWCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


async def two_cameras(a):
    """Of one payload type, told apart by a MID that each m-line calls by another number: each picture comes back on its own."""
    seen = []
    for ids in ((5, 6), (6, 5)):
        h, p = await a.attach(), await Peer().gather()
        lines = [p.fill(video(mid=str(i), more=(f"a=extmap:{ids[i]} {MID}", f"a=extmap:{ids[1 - i]} {TWCC}"))) for i in (0, 1)]
        text = await answer(a, head("BUNDLE 0 1"), *lines, handle=h)
        ours = [int(attr(x, "ssrc")[0].split()[0]) for x in sections(text)[1:]]
        await p.up(text)
        came = {}
        i = 0
        while min(len(came.get(x, ())) for x in ours) < 10:
            for k in (1, 0):
                picture = VP8_KEY[:-1] + bytes([k])
                await p.send(rtp(96, 100 + i, 3000 * i, 4242 + k, picture, {ids[k]: str(k).encode(), ids[1 - k]: bytes([0, i % 256])}, True))
            i += 1
            await asyncio.sleep(0.02)
            came = {x: [y[-1] for y in (head_of(z)[4] for z in p.dtls.rtp if head_of(z)[3] == x) if y] for x in ours}
        seen.append([sorted(set(came[x])) for x in ours])
        await p.stop()
    return all(s == [[0], [1]] for s in seen), seen


async def extension_directions(a):
    """RFC 8285, 7: what is offered sendonly is answered recvonly, and the other way round; each goes that way only."""
    h, p = await a.attach(), await Peer().gather()
    line = p.fill(audio(more=(f"a=extmap:1/sendonly {LEVEL}", f"a=extmap:4/recvonly {MID}")))
    text = await answer(a, head("BUNDLE 0"), line, handle=h)
    said = sorted(attr(sections(text)[1], "extmap"))
    await p.up(text)
    i = 0
    while len(p.dtls.rtp) < 5:
        await p.send(rtp(111, 100 + i, 960 * i, 1234, b"\x78" + b"a" * 20, {1: b"\x10"}))
        i += 1
        await asyncio.sleep(0.02)
    elements = {x[12:20] for x in p.dtls.rtp}  # one of id 4, and nothing else
    await p.stop()
    return said == [f"1/recvonly {LEVEL}", f"4/sendonly {MID}"] and elements == {bytes.fromhex("bede000140300000")}, (
        said, [x.hex() for x in elements])


# ---- data channels ----

async def echoes(p, label):
    """On a new association of the client's."""
    p.dtls._data_receiver = None
    channel, got = await p.data_up(label, 5)
    channel.send(label)
    return label in await asyncio.wait_for(got.get(), 5)


async def data_stopped_and_offered_again(a):
    """RFC 8841: the association ends with its m-line; the next m-line, of any mid, has another one over the same DTLS."""
    seen = []
    for mid in ("2", "3"):
        h, p = await a.attach(), await Peer().gather()
        await p.up(await answer(a, head("BUNDLE 0 2"), p.fill(audio()), p.fill(data()), handle=h))
        seen.append(await echoes(p, "first"))
        await answer(a, head("BUNDLE 0"), p.fill(audio()), p.fill(data(port=0)), handle=h)
        while p.sctp.state != "closed":  # by the server's ABORT
            await asyncio.sleep(0.02)
        await answer(a, head("BUNDLE 0 " + mid), p.fill(audio()), p.fill(data(mid=mid)), handle=h)
        seen.append(await echoes(p, "second"))
        await p.stop()
    return all(seen), seen


async def data_begun_again(a):
    """RFC 9260, 5.2.2: an association that is lost, or was aborted, is followed by another without a word in SDP."""
    seen = []
    h, p = await a.attach(), await Peer().gather()
    await p.up(await answer(a, head("BUNDLE 2"), p.fill(data()), handle=h))
    for end in (None, "lost", "aborted"):
        if end == "aborted":
            await p.sctp.stop()
        seen.append(await echoes(p, str(end)))
    await p.stop()
    return all(seen), seen


# ---- our offers ----

async def publish(a, h, *mids):
    p = await Peer().gather()
    told = await a.say(h, dict(request="configure"), dict(type="offer", sdp=sdp(head("BUNDLE " + " ".join(mids)), *[
        p.fill(line(mid, dir="sendonly")) for line, mid in zip((audio, video), mids)])))
    await p.up(told["jsep"]["sdp"])
    assert await a.hears(h, "webrtcup", 3)
    return p


async def join(a, room):
    """@return (handle of a subscriber, what it is told)"""
    h = await a.attach(ROOM)
    return h, await a.say(h, dict(request="join", ptype="subscriber", room=room, streams=[dict(feed=1)]))


async def make_room(a):
    room, h = random.randint(10**6, 10**9), await a.attach(ROOM)
    await a.say(h, dict(request="create", room=room))
    await a.say(h, dict(request="join", ptype="publisher", room=room, id=1))
    return room, h


async def subscribers_offer(a):
    """@return (handle of the subscriber, our offer, the publisher to be stopped)"""
    room, h = await make_room(a)
    p = await publish(a, h, "0", "1")
    hs, told = await join(a, room)
    return hs, told["jsep"]["sdp"], p


def taken(line, peer, port=9, mux=True):
    kind, _, proto, formats = m(line)
    return [f"m={kind} {port} {proto} {formats[0]}", "c=IN IP4 0.0.0.0", *peer.creds("active"), f"a=mid:{attr(line, 'mid')[0]}",
            "a=recvonly", *(["a=rtcp-mux"] if mux else []), f"a=rtpmap:{attr(line, 'rtpmap')[0]}"]


async def pictures_or_sound(p, eye, pt):
    """Send until so many of a payload type have come at the other end."""
    i = 0
    while sum(head_of(x)[0] == pt for x in eye.dtls.rtp) < 20:
        await p.send(rtp(111, 100 + i, 960 * i, 1234, b"\x78" + b"a" * 20))
        await p.send(rtp(96, 300 + i, 3000 * i, 5678, VP8_KEY if i % 30 == 0 else VP8_DELTA, marker=True))
        i += 1
        await asyncio.sleep(0.01)
    return {head_of(x)[0] for x in eye.dtls.rtp}


async def answers_to_us(a, group, *lines):
    """@param lines functions of (line of ours, peer). @return payload types that came"""
    hs, offer, p = await subscribers_offer(a)
    eye = await Peer().gather()
    ours = sections(offer)[1:]
    told = await a.say(hs, dict(request="start"), dict(type="answer", sdp=sdp(
        head(group), *[f(line, eye) for f, line in zip(lines, ours)])))
    assert told.get("started") == "ok", told
    await eye.up(offer, role="client")
    first = 111 if lines[0] is taken else 96
    came = await pictures_or_sound(p, eye, first)
    await eye.stop()
    await p.stop()
    return came


def refused(line, peer):
    return [f"m={m(line)[0]} 0 {m(line)[2]} 0", "c=IN IP4 0.0.0.0", f"a=mid:{attr(line, 'mid')[0]}"]


async def our_offer_bundles(a):
    """RFC 9143, 7.2.1: m-lines that work only bundled are bundle-only, with port 0."""
    hs, offer, p = await subscribers_offer(a)
    await p.stop()
    seen = [(m(x)[1], "a=bundle-only" in x) for x in sections(offer)[1:]]
    return seen == [(9, False), (0, True)] and bundle(offer) == ["0", "1"], seen


async def answer_with_a_group(a):
    came = await answers_to_us(a, "BUNDLE 0 1", taken, taken)
    return came >= {111} and came <= {111, 96, 97}, sorted(came)


async def answer_without_a_group(a):
    """RFC 9143, 7.4: nothing is bundled, and the first m-line lives."""
    came = await answers_to_us(a, None, taken, taken)
    return came == {111}, sorted(came)


async def answer_that_turns_the_tag_down(a):
    """RFC 9143, 7.3.3: then another is tagged."""
    came = await answers_to_us(a, "BUNDLE 1", refused, taken)
    return came <= {96, 97} and 96 in came, sorted(came)


async def answer_without_mux(a):
    """RFC 8858: who muxes only takes no answer without it, and says so."""
    hs, offer, p = await subscribers_offer(a)
    lines = [taken(x, p, mux=False) for x in sections(offer)[1:]]
    told = await a.say(hs, dict(request="start"), dict(type="answer", sdp=sdp(head("BUNDLE 0 1"), *lines)))
    again = await a.say(hs, dict(request="start"), dict(type="answer", sdp=sdp(
        head("BUNDLE 0 1"), *[taken(x, p) for x in sections(offer)[1:]])))
    await p.stop()
    return told.get("error") == 465 and "rtcp-mux" in told["reason"] and again.get("started") == "ok", told


async def answer_that_turns_all_down(a):
    hs, offer, p = await subscribers_offer(a)
    told = await a.say(hs, dict(request="start"), dict(type="answer", sdp=sdp(
        head(None), *[refused(x, p) for x in sections(offer)[1:]])))
    gone = await a.hears(hs, "hangup", 0.3)
    await p.stop()
    return told.get("started") == "ok" and not gone, told


async def publisher_stops_and_begins_again(a):
    """A room's publisher stops all, is subscribed to by nobody then, and is heard again on another transport."""
    room, h = await make_room(a)
    first = await publish(a, h, "0", "1")
    told = await a.say(h, dict(request="configure"), dict(type="offer", sdp=sdp(head(None), audio(port=0), video(port=0))))
    stopped = ports(told["jsep"]["sdp"])
    _, nothing = await join(a, room)
    p, eye = await publish(a, h, "2", "3"), await Peer().gather()
    hs, told = await join(a, room)
    offer = told["jsep"]["sdp"]
    await a.say(hs, dict(request="start"), dict(type="answer", sdp=sdp(
        head("BUNDLE 0 1"), *[taken(x, eye) for x in sections(offer)[1:]])))
    await eye.up(offer, role="client")
    came = await pictures_or_sound(p, eye, 111)
    gone = await a.hears(h, "hangup", 0.1)
    for x in (first, p, eye):
        await x.stop()
    return stopped == [0, 0] and nothing.get("error_code") == 437 and 111 in came and not gone, (stopped, nothing, sorted(came))


CASES = {f.__name__.replace("_", " "): f for f in (
    no_group, no_group_and_the_first_line_turned_down, two_groups, group_of_strangers, bundle_only, tag_not_first, tag_turned_down,
    transport_at_the_tag_alone, transport_in_the_session, second_transport_only, all_stopped, stopped_and_used_again,
    first_line_stopped, mixed, mux, rsize, profiles, data_forms, blanks, candidates, whole_compounds, two_cameras,
    extension_directions, data_stopped_and_offered_again, data_begun_again, our_offer_bundles,
    answer_with_a_group, answer_without_a_group, answer_that_turns_the_tag_down, answer_without_mux, answer_that_turns_all_down,
    publisher_stops_and_begins_again)}
run_cases(CASES, DEADLINE_S)
