# SPDX-License-Identifier: Apache-2.0
#
# gateway_server.py - the gateways of the presets, as their providers document
# them, on loopback.
#
#   gateway_server.py FOLDER
#
# FOLDER has good.pem (key and certificate).  Messages that were taken go to
# FOLDER/messages, a line of JSON each; when the port listens,
# FOLDER/gateway-ready is made.  The last three digits of a number say how the
# gateway behaves.

import base64
import hashlib
import hmac
import http.server
import json
import socket
import ssl
import sys
import time
import traceback
import urllib.parse

folder = sys.argv[1]
SECRET = "s3cret&key"


def form(body):
    return dict(urllib.parse.parse_qsl(body, strict_parsing=True))


def basic(headers, user):
    word = base64.b64encode(f"{user}:{SECRET}".encode()).decode()
    return headers.get("Authorization") == "Basic " + word


# https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
def signed(handler, body):
    given = handler.headers.get("Authorization", "")
    if not given.startswith("AWS4-HMAC-SHA256 "):
        return False
    parts = dict(part.strip().split("=", 1) for part in given[17:].split(","))
    key_id, day, region, service, last = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    canonical = "\n".join(
        [handler.command, handler.path, ""]
        + [f"{name}:{handler.headers[name].strip()}" for name in names]
        + ["", ";".join(names), hashlib.sha256(body.encode()).hexdigest()])
    date = handler.headers["X-Amz-Date"]
    text = "\n".join(["AWS4-HMAC-SHA256", date,
                      "/".join([day, region, service, last]),
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for word in (day, region, service, last):
        key = hmac.new(key, word.encode(), "sha256").digest()
    right = hmac.new(key, text.encode(), "sha256").hexdigest()
    return (parts["Signature"] == right and key_id == "AKID"
            and region == "eu-west-1" and service == "sns")


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, text, headers=()):
        data = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            pass

    def behave(self, number):
        last = number[-3:]
        if last == "401":
            self.answer(401, '{"code":20003,"message":"Authenticate"}')
        elif last == "429":
            self.answer(429, '{"message":"Too Many Requests"}')
        elif last == "500":
            self.answer(500, "")
        elif last == "302":
            self.answer(302, "", [("Location", "http://127.0.0.1:8080/")])
        elif last == "307":
            self.answer(307, "", [("Location", "https://gateway.test/else")])
        elif last == "997":
            self.answer(201, bytes(range(256)))
        elif last == "996":
            self.answer(201, "x" * 1000000)
        elif last == "998":
            time.sleep(30)
        elif last == "995":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif last == "994":
            self.answer(400, f'{{"message":"no \x1b[2J {SECRET} 7K3M9QXPT2WA"}}')
        elif last == "993":
            given = self.headers["Authorization"].replace("/", "\\/")
            secret = SECRET.replace("&", "\\u0026")
            self.answer(400, f'{{"you":"{given}","key":"{secret}"}}')
        else:
            return False
        return True

    def twilio(self, body):
        fields = form(body)
        if self.path != "/2010-04-01/Accounts/AC123/Messages.json":
            return self.answer(404, "no such page")
        if not basic(self.headers, "AC123"):
            return self.answer(401, '{"code":20003}')
        if self.behave(fields["To"]):
            return
        self.take(fields["To"], fields["From"], fields["Body"])
        self.answer(201, '{"sid": "SM1", "status": "queued"}')

    def vonage(self, body):
        fields = json.loads(body)
        if not basic(self.headers, "AC123"):
            return self.answer(200, '{"messages":[{"status":"4",'
                                    '"error-text":"Bad Credentials"}]}')
        self.take(fields["to"], fields["from"], fields["text"])
        self.answer(200, '{"message-count": "1", "messages": [{"to": "%s",\n'
                         '  "status": "0"}]}' % fields["to"])

    def sns(self, body):
        fields = form(body)
        if not signed(self, body):
            return self.answer(403, "<Code>SignatureDoesNotMatch</Code>")
        assert fields["Action"] == "Publish"
        self.take(fields["PhoneNumber"], "", fields["Message"])
        self.answer(200, "<PublishResponse><PublishResult><MessageId>1"
                         "</MessageId></PublishResult></PublishResponse>")

    def take(self, to, sender, text):
        with open(folder + "/messages", "a") as file:
            file.write(json.dumps({"host": self.headers["Host"], "to": to,
                                   "from": sender, "text": text}) + "\n")

    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size).decode()
        host = self.headers["Host"]
        if host == "api.twilio.com":
            self.twilio(body)
        elif host == "rest.nexmo.com":
            self.vonage(body)
        elif host == "sns.eu-west-1.amazonaws.com":
            self.sns(body)
        else:
            self.answer(404, "who?")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        with open(folder + "/gateway-errors", "a") as file:
            traceback.print_exc(file=file)


server = Server(("127.0.0.1", 443), Gateway)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/good.pem")
server.socket = context.wrap_socket(server.socket, server_side=True,
                                    do_handshake_on_connect=False)
open(folder + "/gateway-ready", "w").close()
server.serve_forever()
