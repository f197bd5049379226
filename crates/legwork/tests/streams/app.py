"""An application at the other end of streams, by Debian's python3-websockets: none of our own.

Prints a line of JSON for whatever happens. What it does is said by the path: /echo says back what it hears until a
key 2, then a minute of 1000 Hz; a key 3 clears it, a key # says goodbye. /listen only hears.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import math
import sys

import websockets

TOKEN = sys.argv[1].encode()
PIECE = 758


def encode(sample):
    """G.711 µ-law."""
    sign = 0x80 if sample < 0 else 0
    sample = min(abs(sample), 32635) + 132
    exponent = sample.bit_length() - 8
    return ~(sign | exponent << 4 | sample >> exponent + 3 & 15) & 0xFF


def decode(byte):
    byte = ~byte & 0xFF
    value = (((byte & 15) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -value if byte & 0x80 else value


def pitch(sound):
    """The tone of the last half second, Hz, by its changes of sign; 0 is silence."""
    samples = [decode(byte) for byte in sound[-4000:]]
    if max(map(abs, samples), default=0) < 200:
        return 0
    changes = sum((a < 0) != (b < 0) for a, b in zip(samples, samples[1:]))
    return round(changes * 4000 / len(samples) / 10) * 10


def tell(**what):
    print(json.dumps(what), flush=True)


def is_signed(socket, path, port):
    url = f"ws://127.0.0.1:{port}{path}"
    expected = base64.b64encode(hmac.new(TOKEN, url.encode(), hashlib.sha1).digest()).decode()
    return socket.request_headers.get("X-Twilio-Signature") == expected


def all_strings(value):
    """Every number is a string, but those of mediaFormat."""
    if isinstance(value, dict):
        return all(all_strings(of) for name, of in value.items() if name != "mediaFormat")
    if isinstance(value, list):
        return all(map(all_strings, value))
    return isinstance(value, str)


async def say(socket, sid, event, **more):
    await socket.send(json.dumps({"event": event, "streamSid": sid, **more}))


async def say_tone(socket, sid, hz, seconds):
    samples = range(8000 * seconds)
    sound = bytes(encode(int(8000 * math.sin(2 * math.pi * hz * n / 8000))) for n in samples)
    for at in range(0, len(sound), PIECE):
        payload = base64.b64encode(sound[at : at + PIECE]).decode()
        await say(socket, sid, "media", media={"payload": payload})


async def serve(socket, path):
    port = socket.local_address[1]
    tell(path=path, signed=is_signed(socket, path, port))
    sid, number, echoes = None, 0, path == "/echo"
    heard = {"inbound": b"", "outbound": b""}
    async for text in socket:
        message = json.loads(text)
        event = message["event"]
        if not all_strings(message):
            tell(path=path, wrong=text)
        if event != "connected":
            number += 1
            if message["sequenceNumber"] != str(number) or message["streamSid"] != (sid or message["streamSid"]):
                tell(path=path, wrong=text)
        if event == "start":
            sid = message["streamSid"]
            tell(path=path, event=event, start=message["start"])
        elif event == "media":
            media = message["media"]
            sound = base64.b64decode(media["payload"])
            so_far = len(heard[media["track"]]) // 160
            if len(sound) != 160 or media["chunk"] != str(so_far + 1) or media["timestamp"] != str(20 * so_far):
                tell(path=path, wrong=text)
            heard[media["track"]] += sound
            if echoes:
                await say(socket, sid, "media", media={"payload": media["payload"]})
        elif event == "dtmf":
            digit = message["dtmf"]["digit"]
            tell(path=path, event=event, digit=digit)
            if digit == "2":
                echoes = False
                await say_tone(socket, sid, 1000, 60)
                await say(socket, sid, "mark", mark={"name": "cut"})
            elif digit == "3":
                await say(socket, sid, "clear")
            elif digit == "#":
                await socket.close()
        elif event == "mark":
            tell(path=path, event=event, name=message["mark"]["name"])
        else:
            tell(path=path, event=event)
    tell(path=path, goodbye={track: pitch(sound) for track, sound in heard.items()})


async def main():
    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        tell(port=server.sockets[0].getsockname()[1])
        await asyncio.Future()


asyncio.run(main())
