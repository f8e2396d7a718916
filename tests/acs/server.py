# SPDX-License-Identifier: Apache-2.0
"""The listening side of the ACS: TCP, TLS, one thread for each connection."""

import itertools
import os
import socket
import ssl
import threading
import time

import wire


class Connection:
    """One TCP connection of the CPE."""

    numbers = itertools.count(1)

    def __init__(self, sock, peer):
        self.sock = sock
        self.peer = peer
        self.number = next(self.numbers)
        self.opened = time.monotonic()
        self.requests = 0
        self.closed_by = None       # "cpe" or "acs"
        self.closed = threading.Event()
        self.closing = False        # has been told so
        self.tls_version = None
        self.tls_cipher = None
        self.client_cert = None
        self.sni = None

    def peer_left(self):
        """Did the peer close while it waits for an answer? (Early data is noticed elsewhere.)"""
        if self.closed.is_set():
            return True
        try:
            with socket.socket(fileno=os.dup(self.sock.fileno())) as s:
                data = s.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True
        # in TLS an alert announces it
        return not data or isinstance(self.sock, ssl.SSLSocket)

    def end(self, who):
        if not self.closed.is_set():
            self.closed_by = who
            self.closed.set()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()


class Tls:
    """What a TLS listener shows and demands."""

    def __init__(self, cert, key, client_ca=None, lowest=ssl.TLSVersion.TLSv1_2,
                 highest=ssl.TLSVersion.TLSv1_3, ciphers=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        if lowest < ssl.TLSVersion.TLSv1_2:
            # OpenSSL 3 allows the old versions only at security level 0
            self.context.set_ciphers((ciphers or "ALL") + ":@SECLEVEL=0")
        elif ciphers:
            self.context.set_ciphers(ciphers)
        self.context.minimum_version = lowest
        self.context.maximum_version = highest
        if client_ca:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(client_ca)


class Listener:
    """Calls handler(connection, request) for each request; sends the Reply that it returns.

    handler may return None to close the connection. on_bad(connection, why) hears of input
    that is not HTTP; on_tls_failure(why, octets) of handshakes that did not come off.
    """

    def __init__(self, handler, host="127.0.0.1", port=0, tls=None, on_bad=None,
                 on_tls_failure=None, idle=60.0):
        self.handler = handler
        self.tls = tls
        self.on_bad = on_bad or (lambda conn, why: None)
        self.on_tls_failure = on_tls_failure or (lambda why: None)
        self.idle = idle
        self.connections = []
        self.pauses = []            # seconds to wait before the next accepted handshakes
        self.stopping = threading.Event()
        self.sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        self.sock.listen(64)
        self.host, self.port = self.sock.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.stopping.is_set():
            try:
                sock, peer = self.sock.accept()
            except OSError:
                return
            conn = Connection(sock, peer)
            self.connections.append(conn)
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _handshake(self, conn):
        if not self.tls:
            return True

        def sni(sock, name, context):
            conn.sni = name

        self.tls.context.sni_callback = sni
        try:
            conn.sock = self.tls.context.wrap_socket(conn.sock, server_side=True)
            conn.tls_version = conn.sock.version()
            conn.tls_cipher = conn.sock.cipher()[0]
            conn.client_cert = conn.sock.getpeercert()
            return True
        except (ssl.SSLError, OSError) as e:
            self.on_tls_failure(str(e))
            conn.end("cpe")
            return False

    def _serve(self, conn):
        conn.sock.settimeout(self.idle)
        conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.pauses:
            self.stopping.wait(self.pauses.pop(0))
        if not self._handshake(conn):
            return
        try:
            self._requests(conn)
        except wire.BadRequest as e:
            if not self.stopping.is_set():
                self.on_bad(conn, str(e))
            conn.end("acs")
        except (OSError, ssl.SSLError) as e:
            if self.tls and isinstance(e, ssl.SSLError) and not conn.requests:
                self.on_tls_failure(str(e))
            conn.end("acs" if isinstance(e, (socket.timeout, TimeoutError)) else "cpe")

    def _requests(self, conn):
        reader = wire.Reader(conn.sock)
        while not self.stopping.is_set():
            req = reader.head()
            if req is None:
                if self.tls and not conn.requests:
                    self.on_tls_failure("closed after the handshake without a request")
                conn.end("cpe")
                return
            if (req.get("Expect") or "").lower() == "100-continue":
                conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            reader.body(req)
            conn.requests += 1
            req.pipelined = not isinstance(conn.sock, ssl.SSLSocket) and reader.early_data()
            reply = self._ask(conn, req)
            if reply is None or conn.closed.is_set():
                conn.end("acs")
                return
            conn.closing = reply.close      # the peer may be quicker than we
            if not wire.send_reply(conn.sock, reply, self.stopping.wait):
                conn.end("acs")
                return

    def _ask(self, conn, req):
        """The handler's reply. What goes wrong in it is told: the agent would be blamed for the
        silence that follows."""
        try:
            return self.handler(conn, req)
        except Exception as e:
            if not self.stopping.is_set():
                self.on_bad(conn, "the ACS itself failed: %s: %s" % (type(e).__name__, e))
            return None

    def open_connections(self):
        return [c for c in self.connections if not c.closed.is_set()]

    def stop(self):
        self.stopping.set()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
        for conn in self.open_connections():
            conn.end("acs")
