# SPDX-License-Identifier: Apache-2.0
#
# smtp_server.py - mail servers of all tempers, on loopback.
#
#   smtp_server.py FOLDER
#
# FOLDER has good.pem, other.pem and foreign.pem (key and certificate).  Mail
# goes to FOLDER/mailbox, what was seen of the dialogue to FOLDER/dialogue; when
# all ports listen, FOLDER/smtp-ready is made.
#
#   2525  STARTTLS, AUTH of "host" with "open sesame"
#   2526  the certificate of another name
#   2527  a certificate that nobody trusted signed
#   2528  no STARTTLS
#   2529  TLS from the start, and AUTH
#   2530  accepts connections and never says anything
#
# The local part of a recipient says how the server behaves.

import asyncio
import base64
import os
import socket
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

folder = sys.argv[1]


def note(text):
    with open(folder + "/dialogue", "a") as file:
        file.write(text + "\n")


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"host" and data.password == b"open sesame"
    note(f"auth {mechanism} {good}")
    return AuthResult(success=good, handled=False)


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        note(f"ehlo {hostname} tls={session.ssl is not None}")
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        word = address.split("@")[0]
        if word == "later":
            return "451 4.3.0 try again, your code is 7K3M-9QXP-T2WA"
        if word == "never":
            return "550 5.1.1 no such user here"
        if word == "escape":
            return "550 5.1.1 \x1b[2J no"
        if word == "echo":
            login = base64.b64encode(b"\0host\0open sesame").decode()
            password = base64.b64encode(b"open sesame").decode()
            return f"550 5.7.0 you said PLAIN {login}, LOGIN {password}"
        if word == "close":
            server.transport.close()
            return "421 bye"
        if word == "slow":
            await asyncio.sleep(1)
        if word == "hang":
            await asyncio.sleep(30)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("spam@"):
            return "554 5.7.1 looks like spam"
        with open(folder + "/mailbox.new", "wb") as file:
            file.write(("X-From: %s\nX-To: %s\n" % (
                envelope.mail_from, ",".join(envelope.rcpt_tos))).encode())
            file.write(envelope.content)
        os.rename(folder + "/mailbox.new", folder + "/mailbox")
        return "250 2.0.0 queued as 4711"


def context(name):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(f"{folder}/{name}.pem")
    return made


def serve(port, tls=None, from_start=None):
    class Server(Controller):
        def factory(self):
            return SMTP(
                self.handler, hostname="mail.test", tls_context=tls,
                require_starttls=tls is not None, authenticator=authenticate,
                auth_required=port in (2525, 2529),
                auth_require_tls=from_start is None)

    Server(Handler(), hostname="127.0.0.1", port=port,
           ssl_context=from_start).start()


serve(2525, tls=context("good"))
serve(2526, tls=context("other"))
serve(2527, tls=context("foreign"))
serve(2528)
serve(2529, from_start=context("good"))
silent = socket.create_server(("127.0.0.1", 2530))
open(folder + "/smtp-ready", "w").close()
asyncio.new_event_loop().run_forever()
