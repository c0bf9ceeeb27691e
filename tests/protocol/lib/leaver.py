"""A client that leaves while the server is sending to it: with a receive buffer of a few KiB it asks
for much, reads nothing, and shuts its side of the connection down. Then it stays a while.

usage: leaver.py PORT ws MAP | leaver.py PORT http PATH
"""
import os
import socket
import struct
import sys
import time


def message(payload):
    mask = os.urandom(4)
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
    return b"\x82" + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def text(value):
    return bytes([0xA0 | len(value)]) + value.encode() if len(value) < 32 else b"\xd9" + bytes([len(value)]) + value.encode()


port, kind, what = int(sys.argv[1]), sys.argv[2], sys.argv[3]
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.connect(("127.0.0.1", port))
if kind == "http":
    s.sendall(f"GET {what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
else:
    s.sendall((f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Protocol: farlook.v1\r\n\r\n").encode())
    assert s.recv(1024).startswith(b"HTTP/1.1 101")
    s.sendall(message(b"\x82" + text("t") + text("hello") + text("v") + b"\x01"))
    s.sendall(message(b"\x83" + text("t") + text("open") + text("view") + b"\x00" + text("map") + text(what)))
time.sleep(2)
s.shutdown(socket.SHUT_WR)
print("left", flush=True)
time.sleep(6)
