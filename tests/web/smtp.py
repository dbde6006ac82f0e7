"""A mail server on this machine that keeps what it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_string, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What came in, and how the server behaves."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    hangs_up_on: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """What LINLI_SMTP_URL says."""
        return f"smtp://127.0.0.1:{self.port}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, in the words of RFC 5321."""

        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 ready")
        while line := (await reader.readline()).decode().strip():
            word = line.upper()
            if word.startswith("RCPT") and any(name in line for name in self.hangs_up_on):
                break
            if word.startswith("RCPT") and any(name in line for name in self.refused):
                say("550 no such mailbox")
            elif word == "DATA":
                say("354 go on")
                text = (await reader.readuntil(b"\r\n.\r\n")).decode()
                parsed = message_from_string(text[:-5], policy=policy.default)
                assert isinstance(parsed, EmailMessage)
                self.letters.append(parsed)
                say("250 taken")
            else:
                say("221 bye" if word == "QUIT" else "250 ok")
        writer.close()


@asynccontextmanager
async def mail_server() -> AsyncIterator[Mailbox]:
    """A server until the end of the block."""
    mailbox = Mailbox()
    server = await asyncio.start_server(mailbox.talk, "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
