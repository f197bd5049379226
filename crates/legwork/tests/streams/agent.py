"""An agent by Twilio's own framework for them: its document, its check of signatures, its messages both ways.

Arguments: the auth token, where the session's end is told. Asked for technical support it says three words; a key 5
makes it talk on; asked for opening hours it hands the caller over. Prints a line of JSON for whatever happens.
"""

import asyncio
import json
import os
import sys

os.environ["TAC_ANALYTICS_DISABLED"] = "true"

import websockets
from tac import TAC, TACConfig
from tac.channels.voice import VoiceChannel
from tac.channels.websocket_protocol import WebSocketDisconnectError
from tac.models.handoff import PendingHandoffData
from tac.models.voice import VoiceTwiMLOptionsConversationRelay
from twilio.request_validator import RequestValidator
from websockets.asyncio.server import serve

TOKEN, ACTION = sys.argv[1:]


def tell(**what):
    print(json.dumps(what), flush=True)


class Socket:
    """What the framework asks of a WebSocket; tells all that comes."""

    def __init__(self, socket, channel):
        self.socket = socket
        self.channel = channel
        self.call = None

    async def accept(self):
        pass

    async def receive_json(self):
        try:
            message = json.loads(await self.socket.recv())
        except websockets.ConnectionClosed as closed:
            raise WebSocketDisconnectError from closed
        tell(**message)
        if message["type"] == "setup":
            self.call = message["callSid"]
        elif message["type"] == "dtmf" and message["digit"] == "5":
            await self.channel.send_response(self.call, "Monday. " * 30)
        return message

    async def send_text(self, text):
        try:
            await self.socket.send(text)
        except websockets.ConnectionClosed as closed:
            raise WebSocketDisconnectError from closed

    async def close(self):
        await self.socket.close()


async def words():
    """In pieces as a model makes them."""
    for token in ["Cust", "omer. Ele", "phant", ". ", "To", "morrow."]:
        yield token


def interrupted(session, message):
    tell(interrupted=session.call_sid, said=message.utterance_until_interrupt, ms=message.duration_until_interrupt_ms)


async def main():
    tac = TAC(
        TACConfig(
            account_sid="AC00000000000000000000000000000001",
            auth_token=TOKEN,
            api_key="",
            api_secret="",
            phone_number="+15550100",
            log_level="WARNING",
        )
    )
    channel = VoiceChannel(tac)

    async def prompted(text, session, _memory):
        tell(asked=text, by=session.author_info.address)
        if text == "technical support":
            await channel.send_response(session.conversation_id, words())
            return None
        if text == "opening hours":
            handoff = json.dumps({"reason": text})
            session.pending_handoff_data = PendingHandoffData(handoff_data=handoff)
        return ""

    tac.on_message_ready(prompted)
    tac.on_interrupt(interrupted)
    tac.on_conversation_ended(lambda session: tell(ended=session.call_sid))

    async def talk(socket):
        signature = socket.request.headers.get("X-Twilio-Signature", "")
        tell(signed=RequestValidator(TOKEN).validate(url, {}, signature))
        await channel.handle_websocket(Socket(socket, channel))
        await socket.wait_closed()
        tell(goodbye=socket.close_code)

    async with serve(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{port}/agent"
        options = VoiceTwiMLOptionsConversationRelay(
            websocket_url=url,
            action_url=ACTION,
            welcome_greeting="Welcome.",
            hints="sales, technical support, opening hours",
            dtmf_detection=True,
            events="speaker-events",
            custom_parameters={"customer": "7"},
        )
        tell(port=port, twiml=await channel.handle_incoming_call(host_twiml_options=options))
        await asyncio.Future()


asyncio.run(main())
