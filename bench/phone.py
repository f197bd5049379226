"""Three phones on loopback: caller, callee (who transfers) and target of the transfer.

Not here: what is measured with them (`run`), load (SIPp, `bench_rtp`).
Source: RFC 3261; RFC 3515 for the REFER.
"""
import itertools
import re
import select
import socket
import time

CALLER, CALLEE, TARGET = 15065, 15070, 15072
TIMESTAMPNS = 35  # SO_TIMESTAMPNS: when the kernel had the datagram, by the clock of time_ns()
NUMBERS = itertools.count(1)


def sdp(port):
    return (
        f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
        f"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )


class Message:
    """What came, to which phone, from where, and when (nanoseconds since 1970)."""

    def __init__(self, phone, data, source, at):
        head, _, self.body = data.decode(errors="replace").partition("\r\n\r\n")
        self.start, *lines = head.split("\r\n")
        self.lines = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        self.phone, self.source, self.at = phone, source, at
        self.call_id = self.one("call-id")
        self.method = self.one("cseq").partition(" ")[2]
        self.status = int(self.start[8:11]) if self.start.startswith("SIP/2.0") else None

    def all(self, name):
        return [value for written, value in self.lines if written.lower() == name]

    def one(self, name):
        return next(iter(self.all(name)), "")

    def target(self):
        return re.search(r"sip:[^>\s]+", self.one("contact"))[0]

    def media_port(self):
        return int(re.search(r"m=audio (\d+)", self.body)[1])


class Phones:
    """All three. Requests are answered with 200 as they come."""

    def __init__(self, server):
        self.server = server
        self.sockets = {}
        for port in (CALLER, CALLEE, TARGET):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("127.0.0.1", port))
            s.setsockopt(socket.SOL_SOCKET, TIMESTAMPNS, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self.sockets[port] = s
        self.seen = []
        self.callee_media = itertools.cycle([9])

    def close(self):
        for s in self.sockets.values():
            s.close()

    def wait(self, wanted, seconds=5.0):
        """The first message `wanted` accepts, of those that came and those that come."""
        for message in self.seen:
            if wanted(message):
                return message
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            readable, _, _ = select.select(list(self.sockets.values()), [], [], 0.5)
            found = [self.receive(port) for port, s in self.sockets.items() if s in readable]
            for message in found:
                if wanted(message):
                    return message
        raise TimeoutError("what was waited for did not come")

    def receive(self, port):
        data, extra, _, source = self.sockets[port].recvmsg(65536, 256)
        stamp = extra[0][2]
        seconds, nanos = (int.from_bytes(stamp[at : at + 8], "little") for at in (0, 8))
        message = Message(port, data, source, seconds * 10**9 + nanos)
        self.seen.append(message)
        if message.status is None and message.method != "ACK":
            self.answer(message)
        return message

    def answer(self, request):
        copied = ("via", "record-route", "from", "call-id", "cseq")
        lines = [f"{name}: {value}" for name, value in request.lines if name.lower() in copied]
        to = request.one("to")
        lines.append(f"To: {to}" if ";tag=" in to else f"To: {to};tag=t{request.phone}")
        body = ""
        if request.method == "INVITE":
            media = next(self.callee_media) if request.phone == CALLEE else 9
            body = sdp(media)
            lines.append(f"Contact: <sip:phone@127.0.0.1:{request.phone}>")
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        answer = "SIP/2.0 200 OK\r\n" + "\r\n".join(lines) + "\r\n\r\n" + body
        self.sockets[request.phone].sendto(answer.encode(), request.source)

    def request(self, phone, method, uri, ids, number, more="", body=""):
        """Sends a request; when it left. `ids`: From, To, Call-ID."""
        sender, to, call_id = ids
        text = (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{phone};branch=z9hG4bK{next(NUMBERS)}\r\n"
            f"Max-Forwards: 70\r\nFrom: {sender}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:phone@127.0.0.1:{phone}>\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        left = time.time_ns()
        self.sockets[phone].sendto(text, self.server)
        return left

    def called(self, media=9):
        """The caller calls: the 200 it got."""
        self.seen.clear()
        address = f"{self.server[0]}:{self.server[1]}"
        ids = (
            f"<sip:caller@127.0.0.1:{CALLER}>;tag=a{next(NUMBERS)}",
            f"<sip:service@{address}>",
            f"bench-{time.time_ns()}",
        )
        more = "Content-Type: application/sdp\r\n"
        self.request(CALLER, "INVITE", f"sip:service@{address}", ids, 1, more, sdp(media))
        final = lambda m: m.method == "INVITE" and (m.status or 0) >= 200
        taken = self.wait(lambda m: m.phone == CALLER and final(m))
        if taken.status != 200:
            raise RuntimeError(f"the call was answered {taken.start}")
        self.request(CALLER, "ACK", taken.target(), self.ids(taken), 1)
        return taken

    def call(self, media=9):
        """The caller calls the callee: the 200 it got and the INVITE the callee got."""
        taken = self.called(media)
        self.wait(lambda m: m.phone == CALLEE and m.method == "ACK")
        return taken, next(m for m in self.seen if m.phone == CALLEE and m.method == "INVITE")

    @staticmethod
    def ids(taken):
        return taken.one("from"), taken.one("to"), taken.call_id

    def hang_up(self, taken):
        self.request(CALLER, "BYE", taken.target(), self.ids(taken), 2)
        self.wait(lambda m: m.status == 200 and m.method == "BYE" and m.call_id == taken.call_id)

    def transfer(self):
        """One blind transfer by the callee: nanoseconds to 202 and to the target's INVITE."""
        taken, offered = self.call()
        ids = (f"{offered.one('to')};tag=t{CALLEE}", offered.one("from"), offered.call_id)
        more = f"Refer-To: <sip:agentc@127.0.0.1:{TARGET}>\r\n"
        left = self.request(CALLEE, "REFER", offered.target(), ids, 1, more)
        accepted = self.wait(lambda m: m.method == "REFER" and m.status is not None)
        if accepted.status != 202:
            raise RuntimeError(f"the REFER was answered {accepted.start}")
        reached = self.wait(lambda m: m.phone == TARGET and m.method == "INVITE")
        self.wait(lambda m: m.phone == TARGET and m.method == "ACK")
        self.wait(lambda m: m.phone == CALLEE and m.method == "BYE" and m.status is None)
        self.hang_up(taken)
        self.wait(lambda m: m.phone == TARGET and m.method == "BYE")
        return accepted.at - left, reached.at - left
