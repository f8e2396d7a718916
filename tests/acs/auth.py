# SPDX-License-Identifier: Apache-2.0
"""HTTP basic and digest authentication, both ends (RFC 2617, RFC 7616)."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field

HASHES = {"MD5": hashlib.md5, "MD5-SESS": hashlib.md5,
          "SHA-256": hashlib.sha256, "SHA-256-SESS": hashlib.sha256}


def parse_params(text):
    """name=value and name="value" pairs of a challenge or an Authorization header."""
    out = {}
    pair = r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))'
    for name, quoted, plain in re.findall(pair, text):
        out[name.lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted or not plain else plain
    return out


def split_challenges(headers):
    """[(scheme, params)] of the WWW-Authenticate header lines, one challenge a line."""
    out = []
    for line in headers:
        scheme, _, rest = line.partition(" ")
        out.append((scheme.lower(), parse_params(rest)))
    return out


def digest_response(p, user, password, method, body=b""):
    """The `response` value for the parameters p (realm, nonce, uri, qop, nc, cnonce, algorithm)."""
    algorithm = p.get("algorithm", "MD5").upper()
    h = HASHES[algorithm]

    def hx(*parts):
        return h(":".join(parts).encode("utf-8")).hexdigest()

    a1 = hx(user, p["realm"], password)
    if algorithm.endswith("-SESS"):
        a1 = hx(a1, p["nonce"], p["cnonce"])
    if p.get("qop") == "auth-int":
        a2 = hx(method, p["uri"], h(body).hexdigest())
    else:
        a2 = hx(method, p["uri"])
    if p.get("qop"):
        return hx(a1, p["nonce"], p["nc"], p["cnonce"], p["qop"], a2)
    return hx(a1, p["nonce"], a2)


def digest_header(challenge, user, password, method, target, nc=1, cnonce=None, **override):
    """An Authorization header for a parsed challenge. Keyword arguments replace single fields."""
    p = {"realm": challenge.get("realm", ""), "nonce": challenge.get("nonce", ""),
         "uri": override.pop("uri", target)}
    if "algorithm" in challenge:
        p["algorithm"] = challenge["algorithm"]
    if "opaque" in challenge:
        p["opaque"] = challenge["opaque"]
    offered = [q.strip() for q in challenge.get("qop", "").split(",") if q.strip()]
    if offered or challenge.get("algorithm", "").upper().endswith("-SESS"):
        p["qop"] = "auth" if "auth" in offered or not offered else offered[0]
        p["nc"] = "%08x" % nc
        p["cnonce"] = cnonce or secrets.token_hex(8)
    p.update(override)
    p.setdefault("response", digest_response(p, user, password, method))
    bare = ("nc", "qop", "algorithm", "stale")
    fields = ["username=\"%s\"" % user]
    fields += ["%s=%s" % (k, v) if k in bare else '%s="%s"' % (k, v) for k, v in p.items()]
    return "Digest " + ", ".join(fields)


@dataclass
class Auth:
    """Demands credentials of a CPE. scheme: basic, MD5, MD5-sess, SHA-256 or SHA-256-sess."""
    user: str
    password: str
    scheme: str = "MD5"
    realm: str = "acs"
    qop: str = "auth"           # None: the RFC 2069 form without qop
    uses_per_nonce: int = 0     # after so many uses the nonce is stale; 0: never
    challenges: int = 0         # how many 401s went out
    stale_sent: int = 0
    seen: list = field(default_factory=list)    # parsed Authorization headers that were good
    problems: list = field(default_factory=list)
    nonces: dict = field(default_factory=dict)  # nonce -> [highest nc, uses]

    def challenge(self, stale=False):
        """The WWW-Authenticate value of a 401."""
        self.challenges += 1
        if self.scheme == "basic":
            return 'Basic realm="%s"' % self.realm
        nonce = secrets.token_hex(16)
        self.nonces[nonce] = [0, 0]
        fields = ['realm="%s"' % self.realm, 'nonce="%s"' % nonce, "algorithm=%s" % self.scheme,
                  'opaque="%s"' % secrets.token_hex(8)]
        if self.qop:
            fields.append('qop="%s"' % self.qop)
        if stale:
            self.stale_sent += 1
            fields.append("stale=true")
        return "Digest " + ", ".join(fields)

    def forget_nonces(self):
        """Every nonce given out becomes stale (an ACS that restarted)."""
        for state in self.nonces.values():
            state[1] = self.uses_per_nonce = max(self.uses_per_nonce, 1 << 30)

    def check(self, req):
        """'ok', 'stale' or 'bad' for a request; what is formally wrong goes to problems."""
        header = req.get("Authorization")
        if header is None:
            return "bad"
        scheme, _, rest = header.partition(" ")
        if self.scheme == "basic":
            want = base64.b64encode(("%s:%s" % (self.user, self.password)).encode()).decode()
            return "ok" if scheme.lower() == "basic" and rest.strip() == want else "bad"
        if scheme.lower() != "digest":
            self.problems.append("%s credentials sent to a digest challenge" % scheme)
            return "bad"
        p = parse_params(rest)
        state = self.nonces.get(p.get("nonce"))
        if state is None:
            return "bad"
        # the head was read as Latin-1, octet for octet
        p["username"] = p.get("username", "").encode("latin-1").decode("utf-8", "replace")
        if p["username"] != self.user or p.get("uri") != req.target:
            self.problems.append("digest of user %r for uri %r, request is for %r" %
                                 (p["username"], p.get("uri"), req.target))
            return "bad"
        if p.get("algorithm", "MD5").upper() != self.scheme.upper():
            self.problems.append("digest algorithm %r, asked for %s" %
                                 (p.get("algorithm"), self.scheme))
            return "bad"
        if self.qop and p.get("qop") != "auth":
            self.problems.append("digest without the qop that was offered")
        p.setdefault("algorithm", self.scheme)
        try:
            good = digest_response(p, self.user, self.password, req.method, req.body)
        except KeyError as e:
            self.problems.append("digest without %s" % e)
            return "bad"
        if p.get("response") != good:
            return "bad"
        if p.get("qop"):
            nc = int(p["nc"], 16)
            if nc <= state[0]:
                self.problems.append("digest nc %d after %d: it has to rise" % (nc, state[0]))
            state[0] = max(nc, state[0])
        state[1] += 1
        if self.uses_per_nonce and state[1] > self.uses_per_nonce:
            return "stale"
        self.seen.append(p)
        return "ok"
