# SPDX-License-Identifier: Apache-2.0
"""Keeps every envelope that an agent sent, once each, for validation against the schemas."""

import hashlib
import os
import re
import threading

# The same message with another ID or another time proves nothing new.
VOLATILE = re.compile(rb"(<(?:\w+:)?ID\b[^>]*>)[^<]*|(<CurrentTime>)[^<]*")
NAME = re.compile(rb"<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)")


def directory():
    """$SALLYPORT_RECORD (empty: nowhere), $CHECK_DIR/envelopes, or build/check/envelopes."""
    root = os.path.normpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))
    build = os.environ.get("BUILD", os.path.join(root, "build"))
    check = os.environ.get("CHECK_DIR", os.path.join(build, "check"))
    return os.environ.get("SALLYPORT_RECORD", os.path.join(check, "envelopes"))


def save(body, where=None):
    """Write one envelope; returns its file name, None when it was there already."""
    where = where if where is not None else directory()
    if not where or not body:
        return None
    key = hashlib.sha256(VOLATILE.sub(rb"\1\2", body)).hexdigest()[:16]
    m = NAME.search(body)
    path = os.path.join(where, "%s-%s.xml" % (m[1].decode() if m else "message", key))
    if os.path.exists(path):
        return None
    os.makedirs(where, exist_ok=True)
    # scenarios run side by side in threads, and say the same
    tmp = "%s.%d.%d" % (path, os.getpid(), threading.get_ident())
    with open(tmp, "wb") as f:
        f.write(body)
    os.rename(tmp, path)
    return path
