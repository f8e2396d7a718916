# SPDX-License-Identifier: Apache-2.0
"""A throw-away CA and certificates, made with the openssl program."""

import os
import subprocess
import tempfile
import threading

CONFIG = """
[ca]
default_ca = d
[d]
dir = %(dir)s
new_certs_dir = %(dir)s
database = %(dir)s/index
serial = %(dir)s/serial
default_md = sha256
policy = p
copy_extensions = none
unique_subject = no
[p]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[v3_ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:false
keyUsage = digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = %(san)s
[client]
basicConstraints = CA:false
keyUsage = digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = %(san)s
"""

PAST = ("20200101000000Z", "20200201000000Z")
NOW = ("20240101000000Z", "20491231235959Z")
FUTURE = ("20480101000000Z", "20491231235959Z")


class Ca:
    """Files appear in .dir on first use: ca.pem, NAME.pem, NAME.key."""

    def __init__(self, directory=None, name="Scripted ACS test CA"):
        self.dir = directory or tempfile.mkdtemp(prefix="acs-ca-")
        self.name = name
        self.lock = threading.Lock()
        self.pem = self.path("ca.pem")
        if not os.path.exists(self.pem):
            os.makedirs(self.dir, exist_ok=True)
            open(self.path("index"), "w").close()
            with open(self.path("serial"), "w") as f:
                f.write("1000\n")
            self._config("DNS:localhost")
            self._key("ca")
            self._openssl("req", "-x509", "-new", "-key", self.path("ca.key"), "-out", self.pem,
                          "-days", "9000", "-subj", "/CN=" + name, "-extensions", "v3_ca")

    def path(self, name):
        return os.path.join(self.dir, name)

    def _config(self, san):
        with open(self.path("openssl.cnf"), "w") as f:
            f.write(CONFIG % {"dir": self.dir, "san": san})

    def _openssl(self, *args):
        args = ["openssl", args[0], "-config", self.path("openssl.cnf"), *args[1:]] \
            if args[0] in ("req", "ca") else ["openssl", *args]
        r = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if r.returncode:
            raise RuntimeError("%s: %s" % (" ".join(args), r.stdout.decode()))

    def _key(self, name, rsa=False):
        kind = ["rsa", "-pkeyopt", "rsa_keygen_bits:2048"] if rsa else \
               ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        self._openssl("genpkey", "-algorithm", *kind, "-out", self.path(name + ".key"))

    def cert(self, name, san="DNS:localhost,IP:127.0.0.1", dates=NOW, kind="server", rsa=False):
        """(certificate file, key file) signed by this CA."""
        with self.lock:
            return self._cert(name, san, dates, kind, rsa)

    def _cert(self, name, san, dates, kind, rsa):
        pem, key = self.path(name + ".pem"), self.path(name + ".key")
        if not os.path.exists(pem):
            self._config(san)
            self._key(name, rsa)
            self._openssl("req", "-new", "-key", key, "-out", self.path(name + ".csr"),
                          "-subj", "/CN=" + name)
            self._openssl("ca", "-batch", "-notext", "-in", self.path(name + ".csr"), "-out", pem,
                          "-keyfile", self.path("ca.key"), "-cert", self.pem,
                          "-startdate", dates[0], "-enddate", dates[1], "-extensions", kind)
        return pem, key

    def server(self):
        return self.cert("server")

    def server_rsa(self):
        return self.cert("server-rsa", rsa=True)

    def wrong_host(self):
        return self.cert("wrong-host", san="DNS:other.example,IP:192.0.2.1")

    def expired(self):
        return self.cert("expired", dates=PAST)

    def not_yet_valid(self):
        return self.cert("not-yet-valid", dates=FUTURE)

    def wrong_usage(self):
        return self.cert("wrong-usage", kind="client")

    def client(self, name="client"):
        return self.cert(name, kind="client")

    def self_signed(self):
        with self.lock:
            return self._self_signed()

    def _self_signed(self):
        pem, key = self.path("self-signed.pem"), self.path("self-signed.key")
        if not os.path.exists(pem):
            self._config("DNS:localhost,IP:127.0.0.1")
            self._key("self-signed")
            self._openssl("req", "-x509", "-new", "-key", key, "-out", pem, "-days", "9000",
                          "-subj", "/CN=localhost", "-extensions", "server")
        return pem, key
