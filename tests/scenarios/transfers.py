# SPDX-License-Identifier: Apache-2.0
"""Download, Upload and the queue: TESTPLAN rows 113 and 114."""

import os
import re
import subprocess
import tempfile
import time

import encrypted
import files
import soap
from auth import Auth
from harness import PROVISIONING, clock_is_set, fault, no_sooner, same, true, until
from server import Tls
from wire import Reply

BACKUP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../tools/backup")
CONFIG = "3 Vendor Configuration File"
LOG = "2 Vendor Log File"
# ProvisioningCode is one that every box reports, and the ACS did not set it itself
RESTORED = [("1 BOOT", ""), ("4 VALUE CHANGE", "")]
UNKNOWN = "0001-01-01T00:00:00Z"


def operator_key(directory):
    """A key pair of an operator: paths of the private and the public key."""
    name = os.path.join(directory, "operator")
    os.chmod(directory, 0o755)
    subprocess.run([BACKUP, "key", "--new", name], check=True)
    return name + ".key", name + ".pem"


def with_files(t):
    """Settings of a box that may speak plain http to file servers, and takes backups."""
    if not hasattr(t, "keys"):
        t.keys = operator_key(tempfile.mkdtemp(prefix="sallyport-keys."))
    return {"transfer.allow_http": "yes", "backup.key": t.keys[1]}


def start(t, settings=None, factory=None):
    """Such a box in its first session."""
    return t.boot(factory=factory, settings={**with_files(t), **(settings or {})})


def ended(t, key, event="M Download", code=0, timeout=20, others=()):
    """The session that tells of the transfer, up to the empty POST, and the TransferComplete."""
    s = t.server.session(timeout)
    wanted = [("7 TRANSFER COMPLETE", ""), (event, key)] + list(others)
    same(sorted(s.inform.events), sorted(wanted), "events")
    calls = [m for m in s.requests if m.method == "TransferComplete"]
    same(len(calls), 1, "TransferComplete")
    same(calls[0].text("CommandKey"), key, "CommandKey")
    same(calls[0].text("FaultStruct/FaultCode"), str(code),
         "fault (%s)" % calls[0].text("FaultStruct/FaultString"))
    return s, calls[0]


def fails(t, s, code, url, kind=CONFIG, key="k", timeout=20, **how):
    """Download of url ends with this code."""
    s.call(soap.download(kind, url, key, **how))
    s.end()
    return ended(t, key, code=code, timeout=timeout)


def backup(t, s, server, key="backup"):
    """Uploads the configuration and returns it; the session that told of it is still open."""
    s.call(soap.upload("1 Vendor Configuration File", server.url + "/backup", key))
    s.end()
    s, _ = ended(t, key, "M Upload")
    return s, server.puts[-1][1]


def T113_download_is_answered_with_status_1_and_reported_later(t):
    server = t.files()
    s = start(t)
    s.set({PROVISIONING: "first"})
    s, data = backup(t, s, server)
    s.set({PROVISIONING: "second"})
    server.files["/config"] = data
    msg = s.call(soap.download(CONFIG, server.url + "/config", "restore"))
    same((msg.status, msg.text("StartTime"), msg.text("CompleteTime")), (1, UNKNOWN, UNKNOWN),
         "DownloadResponse")
    s.end()
    s, done = ended(t, "restore", others=RESTORED)
    same(done.text("FaultStruct/FaultString"), "", "FaultString")
    same([done.text(e) != UNKNOWN for e in ("StartTime", "CompleteTime")], [clock_is_set()] * 2,
         "times, as far as the clock is set")
    true(done.text("StartTime") <= done.text("CompleteTime"), "order of times")
    same(s.value(PROVISIONING), "first", "value")
    s.end()


def T114_no_such_file_is_9016(t):
    server = t.files()
    s, _ = fails(t, start(t), 9016, server.url + "/nothing")
    s.end()


def T114_nobody_there_is_9015(t):
    s, _ = fails(t, start(t), 9015, "http://127.0.0.1:9/x")
    s, _ = fails(t, s, 9015, "http://no-such-host.invalid/x", key="k2")
    s.end()


def T114_wrong_credentials_are_9012(t):
    server = t.files({"/x": b"x"}, auth=Auth("u", "p"))
    s, _ = fails(t, start(t), 9012, server.url + "/x", user="u", password="wrong-secret")
    s, done = fails(t, s, 9018, server.url + "/x", user="u", password="p", key="k2")
    s.end()
    true(not t.log("wrong-secret"), "a password is in the log")
    with open(os.path.join(t.gw.state, "state"), encoding="utf-8") as f:
        true("wrong-secret" not in f.read(), "a password is still in the store")


def T114_other_schemes_are_9013_at_once(t):
    s = start(t)
    for url in ("ftp://127.0.0.1/x", "tftp://127.0.0.1/x", "file:///etc/passwd"):
        fault(9013, s.call, soap.download(CONFIG, url, "k"))
    for url in ("", "x", "http://"):
        fault(9003, s.call, soap.download(CONFIG, url, "k"))
    for kind in ("2 Web Content", "X 00D09E thing", "", "1 Firmware Upgrade Image"):
        fault(9003, s.call, soap.download(kind, "http://127.0.0.1/x", "k"))
    same(s.call(soap.get_queued_transfers()).queued, [], "queue")
    s.end()


def T114_plain_http_needs_the_setting(t):
    s = start(t, {"transfer.allow_http": "no"})
    fault(9013, s.call, soap.download(CONFIG, "http://127.0.0.1/x", "k"))
    s.end()


def T114_a_broken_download_goes_on_where_it_was(t):
    data = os.urandom(1500000)
    server = t.files({"/x": data})
    server.bend("/x", files.cut(500000), files.cut(500000))
    s, done = fails(t, start(t), 9018, server.url + "/x")
    s.end()
    same([r.get("Range") for r in server.gets("/x")],
         [None, "bytes=500000-", "bytes=1000000-"], "ranges")
    true("not a backup" in done.text("FaultStruct/FaultString"), "it was here as a whole")
    told = [int(n) for n in re.findall(r"transfer 1: (\d+) of 1500000 bytes", t.gw.log())]
    true(len(told) >= 5 and told == sorted(told), "progress in the log: %s" % told)


def T114_a_server_that_always_breaks_off_is_9017(t):
    server = t.files({"/x": b"x" * 5000})
    server.bend("/x", files.cut(10), files.cut(10), files.cut(10))
    s, _ = fails(t, start(t, {"transfer.resumes": "2"}), 9017, server.url + "/x")
    same(len(server.gets("/x")), 3, "requests")
    server.bend("/x", files.cut(10), files.status(503))
    s, _ = fails(t, s, 9010, server.url + "/x", key="k2")
    s.end()


def T114_a_body_without_end_is_9018(t):
    server = t.files({"/x": b"x" * 65536})
    server.bend("/x", files.endless)
    s, _ = fails(t, start(t), 9018, server.url + "/x")
    s.end()


def T114_a_length_that_is_a_lie_is_9018(t):
    server = t.files({"/long": b"x" * 1000, "/huge": b"x" * 1000})
    server.bend("/long", files.says(10))
    server.bend("/huge", files.says(1 << 40))
    s, _ = fails(t, start(t), 9018, server.url + "/long")
    s, _ = fails(t, s, 9018, server.url + "/huge", key="k2")
    s.end()


def T114_a_slow_server_is_waited_for(t):
    server = t.files({"/x": b"x" * 40})
    server.bend("/x", files.slow(4, 0.1))
    s, _ = fails(t, start(t), 9018, server.url + "/x")
    s.end()


def encrypted_files(t, cert, **kw):
    good, _ = encrypted.ca()
    server = t.files({"/x": b"x"}, tls=Tls(*cert, **kw))
    client, key = good.client("box")
    os.chmod(key, 0o640)
    s = start(t, {"transfer.allow_http": "no", "acs.ca_file": good.pem, "acs.cert_file": client,
                  "acs.key_file": key})
    return server, s


def T114_https_with_a_client_certificate(t):
    good, _ = encrypted.ca()
    server, s = encrypted_files(t, good.server(), client_ca=good.pem)
    server.auth = Auth("u", "p", "basic")
    s, _ = fails(t, s, 9018, server.url + "/x", user="u", password="p")
    s.end()
    cert = server.listener.connections[-1].client_cert
    true(("commonName", "box") in [x[0] for x in cert["subject"]], "certificate %s" % cert)


def T114_a_broken_download_logs_in_again(t):
    good, _ = encrypted.ca()
    server, s = encrypted_files(t, good.server())
    server.files["/x"] = os.urandom(50000)
    for scheme in ("SHA-256", "basic"):
        server.auth = Auth("u", "p", scheme)
        server.bend("/x", files.cut(20000))
        before = len(server.gets("/x"))
        s, done = fails(t, s, 9018, server.url + "/x", key=scheme, user="u", password="p")
        ranges = [r.get("Range") for r in server.gets("/x")[before:]]
        same([r for i, r in enumerate(ranges) if r not in ranges[:i]],
             [None, "bytes=20000-"], "ranges")
        true("not a backup" in done.text("FaultStruct/FaultString"), "it was here as a whole")
    s.end()


def N1_file_servers_that_nobody_vouches_for_get_nothing(t):
    good, other = encrypted.ca()
    servers = [t.files({"/x": b"x"}, tls=Tls(*cert))
               for cert in (good.wrong_host(), other.server(), good.self_signed())]
    server, s = encrypted_files(t, good.server())
    for i, bad in enumerate(servers):
        s, done = fails(t, s, 9015, bad.url + "/x", key="k%d" % i)
        same(bad.requests, [], "requests to it")
    s.end()


def N3_a_file_is_not_followed_from_https_to_http(t):
    good, _ = encrypted.ca()
    plain = t.files({"/x": b"x"})
    server, s = encrypted_files(t, good.server())
    server.bend("/x", lambda reply: Reply(302, headers=[("Location", plain.url + "/x")]))
    s, _ = fails(t, s, 9010, server.url + "/x")
    s.end()
    same(plain.requests, [], "requests in the clear")


def T114_a_redirect_is_followed(t):
    server = t.files({"/x": b"x"})
    server.bend("/y", lambda reply: Reply(307, headers=[("Location", server.url + "/x")]))
    s, _ = fails(t, start(t), 9018, server.url + "/y")
    s.end()
    same([r.path for r in server.requests], ["/y", "/x"], "requests")


def T114_the_rate_is_kept(t):
    server = t.files({"/x": b"x" * 150000})
    s = start(t, {"transfer.rate": "100000"})
    s.call(soap.download(CONFIG, server.url + "/x", "k", size=150000))
    began = time.monotonic()
    s.end()
    until(lambda: server.requests, "the request")
    until(lambda: re.search(r"running, \d+ of 150000 bytes", t.gw.ctl("transfers")), "progress")
    s, _ = ended(t, "k", code=9018)
    no_sooner(began, 1, "its end")
    s.end()
