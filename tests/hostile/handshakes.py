# SPDX-License-Identifier: Apache-2.0
"""Handshakes that a stranger or the peer itself makes difficult:
    handshakes.py NAME
with CARDEA_WS. Prints one line, and exits 0 when it is right."""
import socket
from lib import *
from rtc import *

ECHO = "janus.plugin.echotest"


async def offer(a, h, p, version):
    """An offer of sound and data by @p p; @return the answer"""
    lines = [p.fill(audio()), p.fill(data(mid="1"))]
    first = head("BUNDLE 0 1")
    first[1] = f"o=- 7000000000000000001 {version} IN IP4 127.0.0.1"
    s, r = await a.echo(sdp(first, *lines), h)
    if not s:
        raise RuntimeError(f"no answer: {r}")
    return s


async def call(a):
    h, p = await a.attach(ECHO), await Peer().gather()
    return h, p, await offer(a, h, p, 2)


async def echoes(p, seq, s=5):
    """Does a packet come back?"""
    before = len(p.dtls.rtp)
    for i in range(int(s * 50)):
        await p.send(rtp(111, seq + i, 960 * (seq + i), 4711, b"sound"))
        await asyncio.sleep(0.02)
        if len(p.dtls.rtp) > before:
            return True
    return False


async def talks(p, label):
    ch, got = await p.data_up(label)
    ch.send("hello")
    return "hello" in await asyncio.wait_for(got.get(), 5)


def record(kind, epoch, seq, body):
    return struct.pack("!BHH", kind, 0xFEFD, epoch) + seq.to_bytes(6, "big") + struct.pack("!H", len(body)) + body


def message(kind, seq, body, length=None, at=0):
    n = len(body) if length is None else length
    return struct.pack("!B", kind) + n.to_bytes(3, "big") + struct.pack("!H", seq) + at.to_bytes(3, "big") + \
        len(body).to_bytes(3, "big") + body


FORGED = [
    record(21, 0, 0, b"\x02\x28"), record(21, 0, 9, b"\x01\0"), record(21, 1, 0, b"\x02\x28"), record(23, 0, 1, b"data"),
    record(20, 0, 2**48 - 1, b"\1"), record(20, 0, 3, b"\2"), record(22, 1, 0, bytes(40)), record(22, 7, 0, bytes(40)),
    record(22, 0, 2**48 - 1, message(11, 1, b"\0\0\0")), record(22, 0, 5, message(11, 1, b"xxxx", 9000, 4000)),
    record(22, 0, 6, message(16, 2, b"\1\1")), record(22, 0, 7, message(15, 3, b"\4\3\0\2\x30\0")),
    record(22, 0, 8, message(99, 1, b"")), b"\x16", bytes(40),
]


async def forgeries(a):
    """Before each datagram of the peer's everything that a stranger could send in its name."""
    h, p, answer = await call(a)
    await p.ice_up(answer)
    plain, n = p.ice._send, 0

    async def send(datagram):
        nonlocal n
        for f in FORGED:
            await plain(f)
        n += 1
        await plain(datagram)
    p.ice._send = send
    up = await p.dtls_up()
    good = up and await echoes(p, 1) and await talks(p, "chat")
    await p.stop()
    return good, f"up {up}, {n} datagrams with {len(FORGED)} forged before each"


async def amplification(a):
    """An address that says a check and a short hello, and never anything again, hears three times as much at most."""
    h, p, answer = await call(a)
    first = sections(answer)[1]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    server = attr(first, "candidate")[0].split()
    sock.connect((server[4], int(server[5])))
    request = binding(attr(first, "ice-ufrag")[0], p.gatherer.getLocalParameters().usernameFragment,
                      attr(first, "ice-pwd")[0])
    hello = b"\xfe\xfd" + bytes(32) + b"\0\0\0\2\xc0\x2b\1\0\0\x16\0\x0a\0\4\0\2\0\x17\0\x0d\0\4\0\2\4\3\0\x0b\0\2\1\0"
    hello = record(22, 0, 0, message(1, 0, hello))
    loop, came, heard = asyncio.get_event_loop(), 0, set()
    try:
        sock.send(request)
        while True:  # a time-out of ours is 0.2, 0.4 and 0.8 seconds
            datagram = await asyncio.wait_for(loop.sock_recv(sock, 2048), 1.2)
            came += len(datagram)
            if not heard:
                sock.send(hello)
            heard.add(datagram[0])
    except asyncio.TimeoutError:
        pass
    sent = len(request) + len(hello)
    return 22 in heard and came <= 3 * sent, f"{sent} bytes sent, {came} came, of kinds {sorted(heard)}"


async def renewal(a):
    """Re-offers with another certificate: the old association goes on until the new one is up (RFC 8842)."""
    h, p, answer = await call(a)
    if not await p.up(answer) or not await echoes(p, 1) or not await talks(p, "first"):
        return False, "no call"
    for i in range(3):
        p.cert = RTCCertificate.generateCertificate()
        p.fp = p.cert.getFingerprints()[0].value
        answer = await offer(a, h, p, 3 + i)
        if not await echoes(p, 1000 * (i + 1)):
            return False, "the old association ended before the new one was up"
        if i == 1:  # with a goodbye by the old one
            await p.dtls.stop()
        else:
            p.dtls._task.cancel()
        await asyncio.sleep(0)
        p.dtls = Dtls(p.ice, [p.cert])
        if not await p.dtls_up():
            return False, f"no new association, the {i + 1}th time"
        if not await echoes(p, 1000 * (i + 1) + 500) or not await talks(p, f"again {i}"):
            return False, f"nothing came back over the new association, the {i + 1}th time"
    await p.stop()
    return True, "three certificates, sound and data over each"


FLIGHT = record(22, 0, 9, message(11, 1, b"\0\0\0")) + record(22, 0, 10, message(16, 2, b"\1\x09")) + \
    record(22, 0, 11, message(15, 3, b"\4\3\0\2\x30\0")) + record(20, 0, 12, b"\1") + record(22, 1, 9, bytes(40))


async def forged_flight(a):
    """A whole second flight, once, before the peer has said a word."""
    h, p, answer = await call(a)
    await p.ice_up(answer)
    await p.ice._send(FLIGHT)
    up = await p.dtls_up()
    good = up and await echoes(p, 1) and await talks(p, "chat")
    await p.stop()
    return good, f"up {up}"


HELLO = record(22, 0, 0, message(1, 0, b"\xfe\xfd" + bytes(32) + b"\0\0\0\2\xc0\x2b\1\0\0\x25" +
                                 b"\0\x0a\0\4\0\2\0\x17\0\x0d\0\4\0\2\4\3\0\x0b\0\2\1\0" +
                                 b"\0\x0e\0\7\0\4\0\7\0\1\0" + b"\0\x17\0\0"))


async def forged_hello(a):
    """A ClientHello of somebody else's, answered before the peer is there."""
    h, p, answer = await call(a)
    await p.ice_up(answer)
    taken, answered = p.ice._recv, []
    await p.ice._send(HELLO)
    answered.append((await asyncio.wait_for(taken(), 5))[0])
    up = await p.dtls_up()
    good = up and await echoes(p, 1) and await talks(p, "chat")
    await p.stop()
    return good and answered == [22], f"up {up}, answered {answered}"


async def forged_answer(a):
    """The server is DTLS's client; ServerHellos that others made come before that of the peer."""
    h, p = await a.attach(ECHO), await Peer().gather()
    lines = [p.fill(audio(), setup="passive"), p.fill(data(mid="1"), setup="passive")]
    answer, r = await a.echo(sdp(head("BUNDLE 0 1"), *lines), h)
    await p.ice_up(answer)
    for suite in b"\x99\x99", b"\xc0\x2b":
        await p.ice._send(record(22, 0, 1, message(2, 0, b"\xfe\xfd" + bytes(33) + suite + b"\0")))
    up = await p.dtls_up(role="server")
    good = up and await echoes(p, 1)
    await p.stop()
    return good, f"up {up}"


async def old_keys(a):
    """Media that was on its way when the keys changed."""
    h, p, answer = await call(a)
    if not await p.up(answer) or not await echoes(p, 1):
        return False, "no call"
    old = p.dtls
    p.cert = RTCCertificate.generateCertificate()
    p.fp = p.cert.getFingerprints()[0].value
    await offer(a, h, p, 3)
    old._task.cancel()
    await asyncio.sleep(0)
    p.dtls = Dtls(p.ice, [p.cert])
    if not await p.dtls_up() or not await echoes(p, 100):
        return False, "no new association"
    before = len(p.dtls.rtp)
    await p.ice._send(old._tx_srtp.protect(rtp(111, 200, 960 * 200, 4711, b"old")))
    for _ in range(100):
        if any(b"old" in x for x in p.dtls.rtp[before:]):
            await p.stop()
            return True, "heard"
        await asyncio.sleep(0.02)
    return False, "a packet under the old keys was lost"


TESTS = {f.__name__: f for f in (forgeries, amplification, renewal, forged_flight, forged_hello, forged_answer, old_keys)}


async def main():
    async with Api() as a:
        return await TESTS[sys.argv[1]](a)

if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("\n".join(TESTS))
        sys.exit()
    run(main)
