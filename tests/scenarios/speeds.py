# SPDX-License-Identifier: Apache-2.0
"""DownloadDiagnostics and UploadDiagnostics (TR-143) against a small HTTP server on the path's far
end, which writes down what it saw: TESTPLAN rows 130 and 131."""

import contextlib
import datetime
import socket
import ssl
import threading
import time

from encrypted import ca
from harness import fault, same, true, within
from soap import Long
from path import HOST, HOST6, Path
from traces import ask
from wan import inside

IP = "Device.IP.Diagnostics."
DOWN, UP = IP + "DownloadDiagnostics.", IP + "UploadDiagnostics."
SIZE = 300000


class Server:
    """GET /N gives N octets, /slow drips for ever, /silent says nothing, /half breaks off; what is
    PUT is counted, and /refuse does not want it."""

    def __init__(self, w, host=HOST, port=8000, cert=None):
        def listen():
            s = socket.create_server((host, port), reuse_port=False,
                                     family=socket.AF_INET6 if ":" in host else socket.AF_INET)
            s.settimeout(0.1)
            return s
        self.listener = inside(w.host, listen)
        self.tls = cert and ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if cert:
            self.tls.load_cert_chain(*cert)
        self.url = "http%s://%s:%d/" % (
            "s" if cert else "", "[%s]" % host if ":" in host else host, port)
        self.heads, self.sent, self.put = [], [], []
        self.over, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def close(self):
        self.over.set()
        for t in self.threads:
            t.join()
        self.listener.close()

    def accept(self):
        while not self.over.is_set():
            try:
                s = self.listener.accept()[0]
            except socket.timeout:
                continue
            self.threads.append(threading.Thread(target=self.serve, args=(s,)))
            self.threads[-1].start()

    def serve(self, s):
        with s, contextlib.suppress(OSError):
            s.settimeout(5)
            if self.tls:
                s = self.tls.wrap_socket(s, server_side=True)
            s.settimeout(0.2)
            data = b""
            while b"\r\n\r\n" not in data and not self.over.is_set():
                with contextlib.suppress(socket.timeout):
                    got = s.recv(65536)
                    if not got:
                        return
                    data += got
            head, body = data.split(b"\r\n\r\n", 1)
            self.heads.append(head + b"\r\n\r\n")
            (self.take if head.startswith(b"PUT") else self.give)(s, head, body)

    def count(self, counts, n):
        """A count of one connection's own, beginning with n; its place."""
        with self.lock:
            counts.append(n)
            return len(counts) - 1

    def give(self, s, head, _):
        what = head.split()[1][1:].decode()
        if what == "silent":
            self.over.wait(40)
            return
        size = {"slow": 1 << 40, "half": 5000}.get(what) or int(what)
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
        if what == "404":
            answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            size = 0
        s.sendall(answer)
        at = self.count(self.sent, len(answer))
        given = 0
        while given < size and not self.over.is_set():
            n = min({"slow": 4096, "half": 2000}.get(what, 65536), size - given)
            s.settimeout(5)
            s.sendall(bytes(n))
            given += n
            self.sent[at] += n
            if what == "slow":
                time.sleep(0.02)
            if what == "half":
                return

    def take(self, s, head, body):
        length = next(int(x.split(b":")[1]) for x in head.split(b"\r\n")
                      if x.lower().startswith(b"content-length"))
        if b"100-continue" in head:
            s.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        at = self.count(self.put, len(body))
        while self.put[at] < length and not self.over.is_set():
            with contextlib.suppress(socket.timeout):
                got = s.recv(65536)
                if not got:
                    return
                self.put[at] += len(got)
        s.sendall(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n"
                  % (b"403 Forbidden" if b"refuse" in head.split()[1] else b"201 Created"))


@contextlib.contextmanager
def server(w, *args):
    s = Server(w, *args)
    try:
        yield s
    finally:
        s.close()


def moment(text):
    true(len(text) == len("2024-01-01T00:00:00.000000Z"), "not to the microsecond: " + text)
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").timestamp()


def in_order(got, head="", several=False):
    """The five times, in seconds, as they have to follow each other. Of several connections the
    latest opening and the earliest request count, which follow each other in no order."""
    times = [moment(got[head + x + "Time"])
             for x in ("TCPOpenRequest", "TCPOpenResponse", "ROM", "BOM", "EOM")]
    for part in (times[:2], times[2:]) if several else (times,):
        same(part, sorted(part), "order of the times")
    return times


def wan(s):
    """The interface towards the host."""
    rows = s.get("Device.IP.Interface.")
    return next(k[:-len(".Name")] for k, v in rows.items() if k.endswith(".Name") and v == "c0")


def T130_download_counts_what_the_server_sent(t):
    with Path(delay=5) as w, server(w) as far:
        s = w.boot(t)
        s, got = ask(t, s, DOWN, {"DownloadURL": far.url + str(SIZE), "Interface": wan(s),
                                  "DSCP": 10, "EthernetPriority": 3})
        same(got["DiagnosticsState"], "Complete", "state")
        same(int(got["TestBytesReceived"]), far.sent[0], "octets of the test")
        true(b"Authorization" not in far.heads[0], "credentials were sent")
        times = in_order(got)
        # Two ways of 5 ms each: SYN and its answer, request and first data.
        within(times[1] - times[0], 0.009, 5, "TCP's round trip")
        within(times[3] - times[2], 0.009, 5, "request to first data")
        within(int(got["TotalBytesReceived"]), SIZE, SIZE * 1.2, "octets of the interface")
        within(int(got["TotalBytesSent"]), 40, SIZE / 5, "octets that left")
        same((got["IPAddressUsed"], got["PerConnectionResultNumberOfEntries"],
              got["IncrementalResultNumberOfEntries"]), ("10.81.0.2", "0", "0"), "the rest")
        s, got = ask(t, s, DOWN, {"Interface": "", "NumberOfConnections": 4,
                                  "EnablePerConnectionResults": True})
        same((got["DiagnosticsState"], got["PerConnectionResultNumberOfEntries"],
              got["TotalBytesReceived"]), ("Complete", "4", "0"), "four connections")
        same(int(got["TestBytesReceived"]), sum(far.sent[1:]), "octets of four")
        rows = [in_order(got, "PerConnectionResult.%d." % i) for i in range(1, 5)]
        same((moment(got["BOMTime"]), moment(got["EOMTime"])),
             (min(r[3] for r in rows), max(r[4] for r in rows)), "first and last data")
        same(sorted(int(got["PerConnectionResult.%d.TestBytesReceived" % i])
                    for i in range(1, 5)), sorted(far.sent[1:]), "octets of each")
        fault(9003, s.set, {DOWN + "NumberOfConnections": 5})
        s.set({DOWN + "DSCP": 0})
        same((s.value(DOWN + "DiagnosticsState"),
              s.value(DOWN + "PerConnectionResultNumberOfEntries")), ("None", "0"), "after a write")
        s.end()
        true(t.server.quiet(0.5), "the end is told twice")


def T130_T131_by_https(t):
    good, other = ca()
    certs = [c.cert("far", san="IP:" + HOST) for c in (good, other)]
    with Path() as w, server(w, HOST, 8443, certs[0]) as far, \
            server(w, HOST, 8444, certs[1]) as stranger:
        s = w.boot(t, settings={"acs.ca_file": good.pem})
        s, got = ask(t, s, DOWN, {"DownloadURL": far.url + str(SIZE)})
        same((got["DiagnosticsState"], int(got["TestBytesReceived"])), ("Complete", far.sent[0]),
             "download")
        in_order(got)
        s, got = ask(t, s, UP, {"UploadURL": far.url + "to", "TestFileLength": Long(SIZE)})
        same((got["DiagnosticsState"], far.put), ("Complete", [SIZE]), "upload")
        s, got = ask(t, s, DOWN, {"DownloadURL": stranger.url + "1"})
        same(got["DiagnosticsState"], "Error_InitConnectionFailed", "a CA that nobody trusts")
        same(stranger.heads, [], "what was sent to it")
        s.end()


def T130_download_by_time(t):
    with Path() as w, server(w) as far:
        s = w.boot(t)
        s, got = ask(t, s, DOWN, {"DownloadURL": far.url + "slow", "TimeBasedTestDuration": 3,
                                  "TimeBasedTestMeasurementInterval": 1,
                                  "NumberOfConnections": 2,
                                  "EnablePerConnectionResults": True})
        same((got["DiagnosticsState"], got["IncrementalResultNumberOfEntries"]),
             ("Complete", "3"), "state, intervals")
        times = in_order(got, several=True)
        for i in (1, 2):
            in_order(got, "PerConnectionResult.%d." % i)
        within(times[4] - times[3], 2.9, 20, "seconds")
        full = int(got["PeriodOfFullLoading"]) / 1e6
        within(full, 2.5, times[4] - times[3] + 0.001, "both at once")
        true(0 < int(got["TestBytesReceivedUnderFullLoading"]) <= int(got["TestBytesReceived"]),
             "octets under full loading")
        rows = [{k: got["IncrementalResult.%d.%s" % (i, k)]
                 for k in ("StartTime", "EndTime", "TestBytesReceived")} for i in (1, 2, 3)]
        same(rows[0]["EndTime"], rows[1]["StartTime"], "intervals follow each other")
        for r in rows:
            within(moment(r["EndTime"]) - moment(r["StartTime"]), 0.5, 10, "one second")
            within(int(r["TestBytesReceived"]), 1, 2 * 60 * 4096, "octets of a second")
        s.end()


def T130_download_that_fails(t):
    with Path() as w, server(w) as far:
        w.dnsmasq("--local=/#/")
        s = w.boot(t, settings={"dialer.allow_loopback": "no"})
        for url, state in ((far.url + "404", "TransferFailed"),
                           (far.url + "half", "TransferFailed"),
                           ("http://10.81.2.2:8001/", "InitConnectionFailed"),
                           ("http://10.81.8.1:8000/", "NoRouteToHost"),
                           ("http://nothing.example.net:8000/", "CannotResolveHostName"),
                           ("http://10.81.2.2:25/", "Other"), ("http://127.0.0.1:8000/", "Other"),
                           ("http://224.0.0.1:8000/", "Other"), ("file:///etc/passwd", "Other"),
                           ("ftp://10.81.2.2/x", "Other"), (";x", "Other"), ("-f", "Other"),
                           ("http://$(id)/", "Other"), ("", "Other"), ("x" * 1024, "Other")):
            s, got = ask(t, s, DOWN, {"DownloadURL": url})
            same(got["DiagnosticsState"], "Error_" + state, "state for %.40r" % url)
        s, got = ask(t, s, DOWN, {"DownloadURL": far.url + "1",
                                  "Interface": "Device.IP.Interface.99"})
        same(got["DiagnosticsState"], "Error_Other", "no such interface")
        s, got = ask(t, s, DOWN, {"Interface": "", "EthernetPriority": 7})
        same(got["DiagnosticsState"][:5], "Error", "a priority that wants a capability")
        fault(9003, s.set, {DOWN + "DownloadURL": "http://" + "x" * 2048})
        # One that never ends is over when it is canceled.
        s.set({DOWN + "DownloadURL": far.url + "slow", DOWN + "EthernetPriority": 0,
               DOWN + "DiagnosticsState": "Requested"})
        s.end()
        time.sleep(0.5)
        t.gw.ctl("set", DOWN + "DiagnosticsState=Canceled")
        same(t.gw.value(DOWN + "DiagnosticsState"), "None", "canceled")
        true(t.server.quiet(1), "a canceled test was told")


def T131_upload_sends_what_was_asked_for(t):
    with Path(delay=5) as w, server(w) as far, server(w, HOST6, 8001) as far6:
        s = w.boot(t)
        s, got = ask(t, s, UP, {"UploadURL": far.url + "to", "TestFileLength": Long(SIZE),
                                "Interface": wan(s)})
        same((got["DiagnosticsState"], far.put), ("Complete", [SIZE]), "state, octets that came")
        same(int(got["TestBytesSent"]), SIZE + len(far.heads[0]), "octets with the head")
        times = in_order(got)
        within(times[4] - times[3], 0.009, 5, "first data to the answer")
        within(int(got["TotalBytesSent"]), SIZE * 0.9, SIZE * 1.2, "octets of the interface")
        s, got = ask(t, s, UP, {"UploadURL": far6.url + "to", "TestFileLength": Long(1000),
                                "NumberOfConnections": 3, "ProtocolVersion": "IPv6"})
        same((got["DiagnosticsState"], far6.put), ("Complete", [1000] * 3), "three, by IPv6")
        same(got["IPAddressUsed"], "fd81::2", "IPAddressUsed")
        s, got = ask(t, s, UP, {"UploadURL": far.url + "refuse", "NumberOfConnections": 1,
                                "ProtocolVersion": "Any"})
        same(got["DiagnosticsState"], "Error_NoTransferComplete", "refused")
        s, got = ask(t, s, UP, {"UploadURL": far.url + "to", "TimeBasedTestDuration": 1})
        same(got["DiagnosticsState"], "Complete", "by time")
        within(moment(got["EOMTime"]) - moment(got["BOMTime"]), 0.9, 20, "a second")
        s, got = ask(t, s, UP, {"TestFileLength": Long(0), "TimeBasedTestDuration": 0})
        same(got["DiagnosticsState"], "Error_Other", "nothing to send")
        s.end()
