#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A scripted ACS (TR-069 server) for testing a CPE.

By hand: tests/acs/acs.py --listen 127.0.0.1:7547 --script FILE
Plays the RPCs of FILE in the sessions that the agent opens, prints what happens, and checks each
message of the agent against TR-069. The exit status is 1 when the agent broke a rule or when an
expectation of the script failed.

As a library:
    import acs
    with acs.Acs() as server:               # listens at server.url
        s = server.session()                # waits for an Inform, answers up to the empty POST
        s.set({"Device.X": "1"})            # raises acs.CwmpFault when the agent refuses
        s.end()
    assert not server.violations
"""

import argparse
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import script                                               # noqa: E402
from auth import Auth                                       # noqa: E402,F401
from certs import Ca                                        # noqa: E402
from cwmp import Acs, to_stdout                             # noqa: E402,F401
from genieacs import DIALECTS, GenieAcs, OldAcs             # noqa: E402,F401
from server import Tls                                      # noqa: E402
from session import Session, Timeout                        # noqa: E402,F401
from soap import CwmpFault                                  # noqa: E402,F401
from wire import Reply                                      # noqa: E402,F401


def arguments():
    p = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                description=__doc__, epilog="Script language:\n\n" + script.__doc__)
    p.add_argument("--listen", default="127.0.0.1:7547", metavar="ADDRESS:PORT")
    p.add_argument("--script", metavar="FILE", help="- is standard input; without: accept and end")
    p.add_argument("--once", action="store_true", help="stop when the script is done")
    p.add_argument("--timeout", type=float, default=3600, metavar="S",
                   help="wait at most so long for each session of the script")
    p.add_argument("--dialect", choices=sorted(DIALECTS), default="standard",
                   help="genieacs: impatient as GenieACS; old: knows cwmp-1-0 only")
    p.add_argument("--path", default="/acs", help="path of the URL (only printed)")
    p.add_argument("--auth", metavar="USER:PASSWORD", help="demand these credentials")
    p.add_argument("--auth-scheme", default="MD5",
                   help="basic, MD5, MD5-sess, SHA-256, SHA-256-sess")
    p.add_argument("--tls", choices=["server", "server_rsa", "wrong_host", "expired",
                                     "not_yet_valid", "self_signed", "wrong_usage"],
                   help="TLS with this kind of certificate, of a CA made in --tls-dir")
    p.add_argument("--tls-dir", metavar="DIR", help="where CA and keys are made and kept")
    p.add_argument("--tls-cert", nargs=2, metavar=("CERT", "KEY"), help="TLS with these files")
    p.add_argument("--client-ca", metavar="FILE", help="demand a client certificate of this CA")
    p.add_argument("--chunked", type=int, default=0, metavar="SIZE", help="reply in chunks")
    p.add_argument("--gzip", action="store_true", help="gzip each reply")
    p.add_argument("--no-cookies", action="store_true")
    p.add_argument("--hold-requests", action="store_true", help="HoldRequests=1 in each envelope")
    p.add_argument("--use-version", metavar="1.x", help="UseCWMPVersion header")
    p.add_argument("--session-timeout", type=int, metavar="S", help="SessionTimeout header")
    p.add_argument("--record", metavar="DIR", help="keep each envelope of the agent in DIR")
    return p.parse_args()


def tls_of(a):
    if a.tls_cert:
        return Tls(*a.tls_cert, client_ca=a.client_ca)
    if not a.tls:
        return None
    ca = Ca(a.tls_dir)
    print("CA certificate: %s" % ca.pem, flush=True)
    return Tls(*getattr(ca, a.tls)(), client_ca=a.client_ca)


def make(a):
    host, _, port = a.listen.rpartition(":")
    credentials = None
    if a.auth:
        user, _, password = a.auth.partition(":")
        credentials = Auth(user, password, a.auth_scheme)
    server = DIALECTS[a.dialect](host.strip("[]") or "0.0.0.0", int(port), tls=tls_of(a),
                                 auth=credentials, path=a.path, log=None, patience=60.0)
    if a.dialect == "standard":
        server.gzip, server.chunk, server.cookies = a.gzip, a.chunked, not a.no_cookies
    server.hold_requests = a.hold_requests
    server.use_version, server.session_timeout = a.use_version, a.session_timeout
    server.record = a.record or os.environ.get("SALLYPORT_RECORD", "")
    return server


def accept_all(server, player):
    """Accept and end each session until somebody stops the program."""
    while True:
        try:
            player.session(server.wait_session(3600), [])
        except Timeout:
            continue


def main():
    a = arguments()
    text = ""
    if a.script:
        with (sys.stdin if a.script == "-" else open(a.script)) as f:
            text = f.read()
    try:
        blocks = script.parse(text)
    except (script.ScriptError, ValueError) as e:
        sys.exit("%s: %s" % (a.script, e))
    server = make(a)
    server.log = lambda t: to_stdout(t) if t.startswith("VIOLATION") else None
    player = script.Player(server, blocks, to_stdout)
    print("ACS listens at %s" % server.url, flush=True)
    signal.signal(signal.SIGTERM, lambda *x: sys.exit(0 if not server.violations else 1))
    try:
        player.play(a.timeout)
        if not a.once:
            accept_all(server, player)
    except KeyboardInterrupt:
        pass
    except (Timeout, script.ScriptError) as e:
        player.failures.append(str(e))
        print("FAILED: %s" % e, flush=True)
    server.stop()
    sys.exit(1 if server.violations or player.failures else 0)


if __name__ == "__main__":
    main()
