# A client over unix sockets, led by lines of JSON on stdin. Of each it prints what came of it.
#   ["open", name, type, path, own path or null]   ["send", name, text]   ["repeat", name, text, times]
#   ["read", name, ms]    the next packet, or null        ["drain", name, ms]   all there is: how many, how many bytes
#   ["pad", name, text, bytes]   the text with so many bytes of spaces behind it
#   ["open_many", type, path, n, text]    n connections, each of which sends the text and reads one packet
#   ["close", name]
import json
import socket
import sys

TYPES = {"SOCK_SEQPACKET": socket.SOCK_SEQPACKET, "SOCK_DGRAM": socket.SOCK_DGRAM}
LARGEST = 1 << 22
sockets = {}


def make(kind, path, own=None):
    s = socket.socket(socket.AF_UNIX, TYPES[kind])
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST)
    if own:
        s.bind(own)
    s.connect(path)
    return s


def open_one(name, kind, path, own):
    sockets[name] = make(kind, path, own)
    return True


def send(name, text):
    return sockets[name].send(text.encode())


def repeat(name, text, times):
    """As often as asked, or until the server has the client wait for half a second."""
    s = sockets[name]
    s.settimeout(0.5)
    for i in range(times):
        try:
            s.send(text.encode())
        except OSError as e:
            return [i, type(e).__name__]
    return [times, None]


def pad(name, text, size):
    return send(name, text + " " * (size - len(text)))


def read(name, ms):
    s = sockets[name]
    s.settimeout(ms / 1000)
    try:
        data = s.recv(LARGEST)
    except TimeoutError:
        return None
    return data.decode()


def drain(name, ms):
    """@return packets, bytes, how it ended: "end", "silence", or the error"""
    s = sockets[name]
    s.settimeout(ms / 1000)
    n = size = 0
    while True:
        try:
            data = s.recv(LARGEST)
        except TimeoutError:
            return [n, size, "silence"]
        except OSError as e:
            return [n, size, type(e).__name__]
        if not data:
            return [n, size, "end"]
        n += 1
        size += len(data)


def open_many(kind, path, n, text):
    """@return how many were answered; all of them stay open"""
    answered = 0
    for i in range(n):
        s = make(kind, path)
        sockets[f"many {i}"] = s
        s.settimeout(10)
        try:
            s.send(text.encode())
            answered += bool(s.recv(LARGEST))
        except OSError:
            pass
    return answered


def close(name):
    sockets.pop(name).close()
    return True


COMMANDS = {"open": open_one, "send": send, "repeat": repeat, "pad": pad, "read": read, "drain": drain,
            "open_many": open_many, "close": close}
for line in sys.stdin:
    command, *args = json.loads(line)
    try:
        answer = {"done": COMMANDS[command](*args)}
    except OSError as e:
        answer = {"error": type(e).__name__}
    print(json.dumps(answer), flush=True)
