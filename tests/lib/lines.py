# SPDX-License-Identifier: Apache-2.0
"""The lines of a test runner (tests/README.md): ok, FAIL, skip."""

import sys
import time
import traceback


class Skip(Exception):
    """This machine cannot try it; the text says why."""


class Failed(AssertionError):
    """The text says what was wrong."""


def check(condition, why):
    if not condition:
        raise Failed(why)


def equal(got, wanted, what):
    check(got == wanted, "%s is %r instead of %r" % (what, got, wanted))


class Runner:
    def __init__(self, wanted=()):
        self.wanted = list(wanted)
        self.failed = 0

    def wants(self, name):
        return not self.wanted or any(w in name for w in self.wanted)

    def say(self, verdict, name, why=None):
        self.failed += verdict == "FAIL"
        line = "%s %s" % (verdict, name)
        if why:
            line += " - " + " ".join(str(why).split())[:400]
        print(line, flush=True)

    def run(self, name, function, *args):
        """True unless it failed."""
        if not self.wants(name):
            return True
        began = time.monotonic()
        try:
            function(*args)
        except Skip as e:
            self.say("skip", name, e)
        except Exception as e:              # a broken test is a failed one, and the next goes on
            if not isinstance(e, Failed):
                traceback.print_exc(file=sys.stderr)
            self.say("FAIL", name, e if isinstance(e, Failed) else "%s: %s" % (type(e).__name__, e))
            return False
        else:
            self.say("ok", name)
        finally:
            print("# %s: %.1f s" % (name, time.monotonic() - began), file=sys.stderr, flush=True)
        return True
