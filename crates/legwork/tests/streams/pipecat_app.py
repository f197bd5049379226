"""An application by pipecat: its way to tell whose stream it is, and its serializer, both ways.

Says back what it hears until a key 2, then a minute of 1000 Hz; a key 3 interrupts it, a key # says goodbye. Prints a
line of JSON for whatever happens.
"""

import asyncio
import json
import math
import struct
from types import SimpleNamespace

import websockets
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
)
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer

# Its resampler takes one rate alone.
RATE_HZ = 16000


def tell(**what):
    print(json.dumps(what), flush=True)


class Texts:
    """What pipecat asks of a WebSocket."""

    def __init__(self, socket):
        self.socket = socket

    async def iter_text(self):
        async for text in self.socket:
            yield text

    async def receive_text(self):
        return await self.socket.recv()


async def say_tone(socket, serializer, seconds):
    piece = RATE_HZ // 10
    for n in range(10 * seconds):
        samples = range(n * piece, (n + 1) * piece)
        sound = [int(8000 * math.sin(2 * math.pi * 1000 * at / RATE_HZ)) for at in samples]
        audio = struct.pack(f"<{piece}h", *sound)
        frame = OutputAudioRawFrame(audio=audio, sample_rate=RATE_HZ, num_channels=1)
        text = await serializer.serialize(frame)
        if text:
            await socket.send(text)


async def serve(socket):
    kind, call = await parse_telephony_websocket(Texts(socket))
    tell(kind=kind, call=call.get("call_id"), body=call.get("body"))
    params = TwilioFrameSerializer.InputParams(auto_hang_up=False)
    serializer = TwilioFrameSerializer(stream_sid=call["stream_id"], params=params)
    await serializer.setup(SimpleNamespace(audio_in_sample_rate=RATE_HZ))
    echoes = True
    async for text in socket:
        frame = await serializer.deserialize(text)
        if isinstance(frame, InputAudioRawFrame) and echoes:
            said = OutputAudioRawFrame(audio=frame.audio, sample_rate=RATE_HZ, num_channels=1)
            text = await serializer.serialize(said)
            if text:
                await socket.send(text)
        elif isinstance(frame, InputDTMFFrame):
            key = frame.button.value
            tell(key=key)
            if key == "2":
                echoes = False
                await say_tone(socket, serializer, 60)
            elif key == "3":
                await socket.send(await serializer.serialize(InterruptionFrame()))
            elif key == "#":
                await socket.close()
    tell(goodbye=True)


async def main():
    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        tell(port=server.sockets[0].getsockname()[1])
        await asyncio.Future()


asyncio.run(main())
