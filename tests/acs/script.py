# SPDX-License-Identifier: Apache-2.0
"""A script of RPCs, one a line, played against whatever agent calls.

  # a comment
  session                       the lines below are for the next session (optional for the first)
  GetRPCMethods
  GetParameterNames [PATH] [next]
  GetParameterValues NAME...
  SetParameterValues [key=KEY] NAME[:TYPE]=VALUE...    without TYPE the agent is asked for it first
  AddObject PATH [KEY]          later {last} stands for the instance number
  DeleteObject PATH [KEY]
  GetParameterAttributes NAME...
  SetParameterAttributes NAME=NOTIFICATION...
  Reboot [KEY] | FactoryReset | ScheduleInform SECONDS [KEY]
  Download TYPE URL [key=K] [user=U] [password=P] [size=N] [delay=S] [target=NAME]
  Upload TYPE URL [key=K] [user=U] [password=P] [delay=S]
  refresh                       read the whole tree as GenieACS does
  show TEXT...                  print TEXT
  wait SECONDS
  expect NAME VALUE             the value NAME had in the last answer
  expect-fault CODE             the last answer was this fault
  expect-event CODE             the Inform of this session has this event
  raw FILE                      send the octets of FILE as the next reply
  close                         drop the connection now, in the middle of the session

Between sessions (these lines end the session above):
  next-reply STATUS ["HEADER: VALUE"]...   answers the next POST: next-reply 302 "Location: URL"
  connection-request USER PASSWORD         to the URL of the last Inform
  pause SECONDS

Words may be quoted as in the shell. After the script further sessions are accepted and ended.
"""

import shlex
import time

import connreq
import genieacs
import soap
from wire import Reply

OUTSIDE = {"next-reply", "connection-request", "pause"}
URL = "Device.ManagementServer.ConnectionRequestURL"


class ScriptError(Exception):
    pass


def parse(text):
    """[(kind, [(line number, [words])])], kind being session or the name of an outside command."""
    blocks = []
    for number, line in enumerate(text.splitlines(), 1):
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[0] in OUTSIDE:
            blocks.append((words[0], [(number, words)]))
        elif words[0] == "session":
            blocks.append(("session", []))
        else:
            if words[0].replace("-", "_") not in COMMANDS:
                raise ScriptError("line %d: unknown command %s" % (number, words[0]))
            if not blocks or blocks[-1][0] != "session":
                blocks.append(("session", []))
            blocks[-1][1].append((number, words))
    return blocks


def options(words):
    """Words of the form name=value, and the others."""
    named = dict(w.split("=", 1) for w in words if "=" in w)
    return named, [w for w in words if "=" not in w]


class Player:
    """Plays the blocks of a script. Failed expectations are in .failures."""

    def __init__(self, acs, blocks, say):
        self.acs = acs
        self.blocks = blocks
        self.say = say
        self.failures = []
        self.last = None            # the last Message of the agent
        self.instance = ""
        self.types = {}
        self.url = None

    def fail(self, number, text):
        self.failures.append("line %d: %s" % (number, text))
        self.say("FAILED line %d: %s" % (number, text))

    def play(self, timeout):
        for kind, lines in self.blocks:
            if kind == "session":
                self.session(self.acs.wait_session(timeout), lines)
            else:
                getattr(self, kind.replace("-", "_"))(lines[0][1][1:])

    def session(self, session, lines):
        self.tell_inform(session)
        session.begin()
        for number, words in lines:
            words = [w.replace("{last}", str(self.instance)) for w in words]
            self.say("> " + " ".join(words))
            if COMMANDS[words[0].replace("-", "_")](self, session, number, words[1:]) == "over":
                return
        session.end()
        self.say("session over")

    def tell_inform(self, session):
        msg = session.inform
        self.url = msg.params.get(URL, self.url)
        ident = msg.device_id
        self.say("Inform from %s %s %s (%s), retry count %s" % (
            ident.get("OUI"), ident.get("ProductClass"), ident.get("SerialNumber"),
            ident.get("Manufacturer"), msg.text("RetryCount")))
        for code, key in msg.events:
            self.say("  event %s%s" % (code, " (%s)" % key if key else ""))
        for name, value in msg.values:
            self.say("  %s = %s" % (name, value.text))

    def ask(self, session, rpc):
        self.last = session.ask(rpc)
        self.tell(self.last)
        return self.last

    def tell(self, msg):
        if msg.kind == "fault":
            self.say("  " + str(msg.fault))
            return
        for name, value in msg.values:
            self.types[name] = value.type
            self.say("  %s = %s" % (name, value.text))
        for name, writable in msg.names:
            self.say("  %s %s" % ("rw" if writable else "ro", name))
        for name, (notification, access) in msg.attributes.items():
            self.say("  %s notification %d access %s" % (name, notification, ",".join(access)))
        for method in msg.methods:
            self.say("  " + method)
        for part in ("InstanceNumber", "Status"):
            if msg.text(part) is not None:
                self.say("  %s %s" % (part, msg.text(part)))

    def set_values(self, session, number, words):
        key, values = "", []
        for word in words:
            name, eq, value = word.partition("=")
            if not eq:
                raise ScriptError("line %d: %s has no =" % (number, word))
            if name == "key":
                key = value
                continue
            name, colon, xtype = name.partition(":")
            if not colon and name not in self.types:
                msg = session.ask(soap.get_parameter_values([name]))
                if msg.kind == "response":
                    self.types.update((n, v.type) for n, v in msg.values)
            values.append((name, value, "xsd:" + (xtype or self.types.get(name) or "string")))
        self.ask(session, soap.set_parameter_values(values, key))

    def next_reply(self, words):
        headers = [tuple(p.strip() for p in w.split(":", 1)) for w in words[1:]]
        self.acs.next_replies(Reply(int(words[0]), headers=headers))

    def pause(self, words):
        time.sleep(float(words[0]))

    def connection_request(self, words):
        self.say("> connection request to %s" % self.url)
        try:
            answer = connreq.digest(self.url, words[0], words[1])
            self.say("  HTTP %d after %.0f ms" % (answer.status, answer.seconds * 1000))
        except connreq.Refused as e:
            self.say("  %s" % e)


def _rpc(build):
    def command(player, session, number, words):
        player.ask(session, build(words))
    return command


def _add(player, session, number, words):
    msg = player.ask(session, soap.add_object(*words[:2]))
    if msg.kind == "response":
        player.instance = msg.instance


def _attributes(words):
    items = [w.split("=", 1) for w in words]
    return soap.set_parameter_attributes([(n, int(v), None) for n, v in items])


def _transfer(build):
    def command(player, session, number, words):
        named, plain = options(words[2:])
        for name in ("size", "delay"):
            if name in named:
                named[name] = int(named[name])
        player.ask(session, build(words[0], words[1], **named))
    return command


def _refresh(player, session, number, words):
    values, rpcs = genieacs.refresh(session)
    player.say("  %d values with %d RPCs" % (len(values), rpcs))


def _expect(player, session, number, words):
    values = player.last.params if player.last is not None and player.last.kind != "fault" else {}
    got = values.get(words[0])
    if got != " ".join(words[1:]):
        player.fail(number, "%s is %r" % (words[0], got))


def _expect_fault(player, session, number, words):
    fault = player.last.fault if player.last is not None else None
    if fault is None or fault.code != int(words[0]):
        player.fail(number, "%s instead of fault %s" % (player.last, words[0]))


def _expect_event(player, session, number, words):
    if " ".join(words) not in session.inform.codes:
        player.fail(number, "events are %s" % session.inform.codes)


def _raw(player, session, number, words):
    with open(words[0], "rb") as f:
        player.last = session.ask_raw(f.read())
    player.tell(player.last)


def _close(player, session, number, words):
    session.abandon()
    return "over"


COMMANDS = {
    "GetRPCMethods": _rpc(lambda w: soap.get_rpc_methods()),
    "GetParameterNames": _rpc(lambda w: soap.get_parameter_names(
        "".join(x for x in w[:2] if x != "next"), "next" in w)),
    "GetParameterValues": _rpc(soap.get_parameter_values),
    "SetParameterValues": Player.set_values,
    "AddObject": _add,
    "DeleteObject": _rpc(lambda w: soap.delete_object(*w[:2])),
    "GetParameterAttributes": _rpc(soap.get_parameter_attributes),
    "SetParameterAttributes": _rpc(_attributes),
    "Reboot": _rpc(lambda w: soap.reboot(*w[:1])),
    "FactoryReset": _rpc(lambda w: soap.factory_reset()),
    "ScheduleInform": _rpc(lambda w: soap.schedule_inform(int(w[0]), *w[1:2])),
    "Download": _transfer(soap.download),
    "Upload": _transfer(soap.upload),
    "refresh": _refresh,
    "show": lambda p, s, n, w: p.say(" ".join(w)),
    "wait": lambda p, s, n, w: time.sleep(float(w[0])),
    "expect": _expect,
    "expect_fault": _expect_fault,
    "expect_event": _expect_event,
    "raw": _raw,
    "close": _close,
}
