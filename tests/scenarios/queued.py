# SPDX-License-Identifier: Apache-2.0
"""The queue of transfers and what is told of them: TESTPLAN rows 115, 116, 121, 122, 124."""

import time

import files
import soap
from harness import MS, fault, same, true, until
from transfers import CONFIG, backup, ended, start


def unanswered(t):
    """A session in which the agent waits for TransferCompleteResponse."""
    s = t.server.wait_session()
    msg = s.accept()
    if msg.method == "GetRPCMethods":
        s.answer_call(msg)
        msg = s.take()
    same(msg.method, "TransferComplete", "call")
    return s


POLICY = "Device.ManagementServer.AutonomousTransferCompletePolicy."


def local(t, s, url, **policy):
    """Somebody at the box fetches a file; what the ACS is told of it, or None."""
    s.set({POLICY + k: v for k, v in policy.items()})
    s.end()
    t.gw.ctl("download", CONFIG, url)
    until(lambda: not t.gw.ctl("transfers") or t.server.sessions.qsize(), "its end")
    if not t.server.sessions.qsize():
        return t.again(), None
    s = t.server.session()
    same(s.inform.codes, ["10 AUTONOMOUS TRANSFER COMPLETE"], "events")
    calls = [m for m in s.requests if m.method == "AutonomousTransferComplete"]
    same(len(calls), 1, "calls")
    return s, calls[0]


def T124_autonomous_transfers_are_told_as_the_policy_says(t):
    server = t.files({"/x": b"x"})
    s = start(t)
    s, told = local(t, s, server.url + "/x", Enable=False)
    same(told, None, "not enabled")
    s, told = local(t, s, server.url + "/x?a=b", Enable=True)
    same([told.text(e) for e in ("AnnounceURL", "TransferURL", "IsDownload", "FileType",
                                 "FaultStruct/FaultCode")],
         ["", server.url + "/x?a=b", "1", CONFIG, "9018"], "AutonomousTransferComplete")
    for policy in ({"TransferTypeFilter": "Upload"}, {"ResultTypeFilter": "Success"},
                   {"FileTypeFilter": "1 Firmware Upgrade Image,4 Vendor Log File"}):
        both = {"TransferTypeFilter": "Both", "ResultTypeFilter": "Both",
                "FileTypeFilter": "1 Firmware Upgrade Image," + CONFIG}
        s, told = local(t, s, server.url + "/x", **{**both, **policy})
        same(told, None, "with %s" % policy)
    s, told = local(t, s, server.url + "/x", **{**both, "ResultTypeFilter": "Failure"})
    true(told is not None, "nothing was told with ResultTypeFilter Failure")
    s.end()
    try:
        t.gw.ctl("download", CONFIG, "ftp://127.0.0.1/x")
        true(False, "another scheme")
    except RuntimeError as e:
        true("URL" in str(e), "what is said of it: %s" % e)


def T124_an_acs_without_the_call_is_not_asked_again(t):
    server = t.files({"/x": b"x"})
    t.acs().methods = ["Inform", "GetRPCMethods", "TransferComplete"]
    s = start(t)
    s.set({POLICY + "Enable": True})
    s.end()
    t.gw.ctl("download", CONFIG, server.url + "/x")
    until(lambda: not t.gw.ctl("transfers"), "its end")
    s = t.again()
    same([m.method for m in s.requests], [], "calls")
    s.end()
    same(t.gw.ctl("transfers"), "", "the queue")


def T124_request_download_asks_the_acs_for_a_file(t):
    s = start(t)
    s.end()
    t.gw.ctl("request", CONFIG)
    for answered in (False, True):
        s = t.server.wait_session()
        same(s.inform.codes, ["9 REQUEST DOWNLOAD"], "events")
        msg = s.accept()
        same(msg.method, "RequestDownload", "call")
        same((msg.text("FileType"), len(msg.el.find("FileTypeArg"))), (CONFIG, 0), "what it asks")
        if not answered:
            s.abandon()
            continue
        s.settle(msg)
        s.end()
    same(t.again().end().requests, [], "calls afterwards")


def T115_queue_of_16_with_delays_over_a_reboot(t):
    server = t.files({"/x": b"x"})
    s = start(t)
    for i in range(16):
        s.call(soap.download(CONFIG, server.url + "/x", "d%d" % i, delay=8 if i < 2 else 3000))
    fault(9004, s.call, soap.download(CONFIG, server.url + "/x", "one more"))
    same(len(s.call(soap.get_queued_transfers()).queued), 16, "queue")
    s.end()
    same(server.requests, [], "before the delay")
    t.gw.reboot()
    s = t.server.session()
    same(s.inform.codes, ["1 BOOT"], "events")
    queue = s.call(soap.get_queued_transfers()).queued
    same({q["CommandKey"] for q in queue}, {"d%d" % i for i in range(16)}, "queue")
    s.end()
    told = []
    while len(told) < 2:
        s = t.server.session()
        told += [m.text("CommandKey") for m in s.requests if m.method == "TransferComplete"]
        s.end()
    same(sorted(told), ["d0", "d1"], "reported")


def T115_what_another_acs_has_ordered_is_dropped(t):
    server = t.files({"/x": b"x"})
    s = start(t)
    s.call(soap.download(CONFIG, server.url + "/x", "theirs", delay=3000))
    other = t.acs()
    s.set({MS + "URL": other.url})
    s.end()
    s = other.session()
    true("0 BOOTSTRAP" in s.inform.codes, "events %s" % s.inform.codes)
    same(s.call(soap.get_queued_transfers()).queued, [], "queue")
    s.end()
    past = t.gw.ctl("history")
    true("key theirs: dropped" in past, "history: %s" % past)
    same(server.requests, [], "requests")


def T115_what_the_box_has_no_more_ends_with_a_fault(t):
    server = t.files({"/x": b"x"})
    s = start(t)
    s.call(soap.schedule_download(CONFIG, server.url + "/x",
                                  [(0, 3600, "4 Confirmation Needed", 0)], "gone"))
    s.end()
    t.gw.change({"backup.key": None})
    t.server.session().end()
    t.gw.ctl("confirm", "1")
    s, done = ended(t, "gone", "M ScheduleDownload", 9010)
    s.end()
    true("FileType" in done.text("FaultStruct/FaultString"), "another reason")
    same(server.requests, [], "requests")


def T115_what_ends_the_agent_each_time_is_given_up(t):
    server = t.files({"/x": b"x" * 99})
    server.bend("/x", *[files.slow(1, 0.2)] * 99)
    s = start(t)
    s.call(soap.download(CONFIG, server.url + "/x", "poison"))
    s.end()
    for i in range(10):
        until(lambda: len(server.gets("/x")) > i, "its beginning")
        t.gw.restart(9)
    s, done = ended(t, "poison", code=9010)
    s.end()
    same(len(server.gets("/x")), 10, "requests")


def T116_transfer_complete_comes_again_until_it_is_answered(t):
    server = t.files()
    s = start(t)
    s.call(soap.download(CONFIG, server.url + "/nothing", "again"))
    s.end()
    for restart in (False, True):
        s = unanswered(t)
        s.abandon()
        if restart:
            t.gw.reboot(9)
    s, _ = ended(t, "again", code=9016, others=[("1 BOOT", "")])
    s.end()
    s = t.again()
    same(s.requests, [], "calls after the answer")
    same(s.call(soap.get_queued_transfers()).queued, [], "queue")
    s.end()


def T116_fault_8000_to_transfer_complete_is_the_end_of_it(t):
    server = t.files()
    s = start(t)
    t.server.methods = ["Inform", "GetRPCMethods"]
    s.call(soap.download(CONFIG, server.url + "/nothing", "k"))
    s.end()
    t.server.session().end()
    s = t.again()
    same(s.call(soap.get_queued_transfers()).queued, [], "queue")
    s.end()


def T121_both_lists(t):
    server = t.files({"/x": b"x" * 400})
    server.bend("/x", files.slow(1, 0.1))
    s = start(t)
    s.call(soap.download(CONFIG, server.url + "/x", "now", size=400, target="name"))
    s.call(soap.upload("4 Vendor Log File 1", server.url + "/l", "later", delay=3000))
    same([(q["CommandKey"], q["State"]) for q in s.call(soap.get_queued_transfers()).queued],
         [("now", "1"), ("later", "1")], "queue")
    s.end()
    until(lambda: server.gets("/x"), "the download")
    s = t.again()
    queue = s.call(soap.get_all_queued_transfers()).queued
    same(queue, [{"CommandKey": "now", "State": "2", "IsDownload": "1", "FileType": CONFIG,
                  "FileSize": "400", "TargetFileName": "name"},
                 {"CommandKey": "later", "State": "1", "IsDownload": "0",
                  "FileType": "7 Vendor Log File 1", "FileSize": "0", "TargetFileName": ""}],
         "all")
    s.call(soap.cancel_transfer("now"))
    s.call(soap.cancel_transfer("later"))
    same(s.call(soap.get_queued_transfers()).queued, [], "queue after CancelTransfer")
    s.end()
    past = t.gw.ctl("history").splitlines()
    same([line.rpartition(", key ")[2] for line in past], ["now: cancelled", "later: cancelled"],
         "history")
    time.sleep(0.3)
    s = t.again()
    same(s.requests, [], "no TransferComplete after CancelTransfer")
    s.end()


def T122_schedule_download_windows(t):
    server = t.files({"/x": b"x"})
    s = start(t)
    began = time.monotonic()
    s.call(soap.schedule_download(CONFIG, server.url + "/x",
                                  [(2, 3600, "2 Immediately", 0)], "w"))
    for windows in ([], [(5, 5, "2 Immediately", 0)], [(0, 9, "5 Whenever", 0)],
                    [(0, 9, "2 Immediately", -2)],
                    [(0, 9, "2 Immediately", 0), (8, 20, "2 Immediately", 0)],
                    [(i, i + 1, "2 Immediately", 0) for i in (1, 3, 5)]):
        fault(9003, s.call, soap.schedule_download(CONFIG, server.url + "/x", windows, "bad"))
    s.end()
    s, _ = ended(t, "w", "M ScheduleDownload", 9018)
    true(time.monotonic() - began >= 2, "too early")
    s.end()


def T122_missed_windows_are_9020(t):
    server = t.files({"/x": b"x" * 100})
    server.bend("/x", files.slow(1, 0.2))
    s = start(t)
    s.call(soap.schedule_download(CONFIG, server.url + "/x",
                                  [(0, 2, "1 At Any Time", 0)], "w"))
    s.end()
    s, done = ended(t, "w", "M ScheduleDownload", 9020)
    s.call(soap.schedule_download(CONFIG, server.url + "/x",
                                  [(0, 1, "4 Confirmation Needed", 0),
                                   (1, 2, "4 Confirmation Needed", 0)], "nobody"))
    s.end()
    s, done = ended(t, "nobody", "M ScheduleDownload", 9020)
    s.end()


def T122_a_second_window_is_used(t):
    server = t.files()
    s = start(t)
    s, data = backup(t, s, server)
    server.files["/x"] = data
    server.bend("/x", files.status(500))
    s.call(soap.schedule_download(CONFIG, server.url + "/x", [(0, 4, "2 Immediately", 0),
                                                              (5, 3600, "2 Immediately", 0)], "w"))
    s.end()
    s, _ = ended(t, "w", "M ScheduleDownload", others=[("1 BOOT", "")])
    same(len(server.gets("/x")), 2, "requests")
    s.end()


def T122_somebody_at_the_box_says_yes(t):
    server = t.files({"/x": b"x"})
    s = start(t)
    s.call(soap.schedule_download(CONFIG, server.url + "/x",
                                  [(0, 3600, "4 Confirmation Needed", 0)], "ask",
                                  message="May I?\n\u00e4"))
    fault(9003, s.call, soap.schedule_download(
        CONFIG, server.url + "/x", [(0, 3600, "4 Confirmation Needed", 0)], message="x" * 257))
    s.end()
    time.sleep(0.3)
    same(server.requests, [], "before the confirmation")
    same(t.gw.ctl("transfers"), "1 ScheduleDownload of %s: asks for confirmation, key ask: "
         "May I?\\n\u00e4\n" % CONFIG, "sallyportctl transfers")
    t.gw.ctl("confirm", "1")
    s, _ = ended(t, "ask", "M ScheduleDownload", 9018)
    s.end()


def T122_what_is_done_cannot_be_cancelled(t):
    server = t.files()
    s = start(t)
    s.call(soap.cancel_transfer("never heard of"))
    s.call(soap.download(CONFIG, server.url + "/nothing", "k"))
    s.end()
    s = unanswered(t)
    same([(q["CommandKey"], q["State"]) for q in s.call(soap.get_queued_transfers()).queued],
         [("k", "3")], "queue")
    fault(9021, s.call, soap.cancel_transfer("k"))
    s.abandon()
