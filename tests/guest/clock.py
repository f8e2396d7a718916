# SPDX-License-Identifier: Apache-2.0
"""A clock that nobody has set yet, that is set, and that somebody sets to and fro."""

import calendar
import contextlib
import ctypes
import struct
import time

import soap
from lines import check, equal

LEAP = 400 * 86400
ADJ_MAXERROR, ADJ_STATUS, STA_UNSYNC = 0x0004, 0x0010, 0x0040
libc = ctypes.CDLL(None, use_errno=True)


def tell_kernel(unsync):
    """As a time server's client tells it whether the clock is right."""
    timex = bytearray(256)
    # struct timex: unsigned modes, long offset, freq, maxerror, esterror, int status
    struct.pack_into("@Illlli", timex, 0, ADJ_MAXERROR | ADJ_STATUS, 0, 0, 0, 0,
                     STA_UNSYNC if unsync else 0)
    room = (ctypes.c_char * len(timex)).from_buffer(timex)
    check(libc.adjtimex(room) >= 0, "adjtimex: errno %d" % ctypes.get_errno())


def current_time(world):
    with world.talk() as s:
        return s.inform.text("CurrentTime")


def T013_current_time_counts_from_boot_until_the_clock_is_right_and_never_again(world):
    tell_kernel(True)
    got = current_time(world)
    check(got.startswith("0001-01-01T") and not got.endswith("Z"), "CurrentTime is %s" % got)
    for unsync in (False, True):        # once right, it goes on
        tell_kernel(unsync)
        got = current_time(world)
        seconds = calendar.timegm(time.strptime(got[:19], "%Y-%m-%dT%H:%M:%S"))
        check(abs(seconds - time.time()) < 30, "CurrentTime is %s at %d" % (got, time.time()))


@contextlib.contextmanager
def steps():
    """A function that sets the clock forward; it is right again afterwards."""
    offset = time.time() - time.monotonic()
    try:
        yield lambda by: time.clock_settime(time.CLOCK_REALTIME, time.time() + by)
    finally:
        time.clock_settime(time.CLOCK_REALTIME, offset + time.monotonic())


def T104_steps_of_the_clock_move_no_timer(world):
    with world.talk() as s:
        s.call(soap.schedule_inform(6, "steps"))
        began = time.monotonic()
    with steps() as step:
        for by in (LEAP, -2 * LEAP, LEAP + 3):
            time.sleep(1)
            step(by)
        s = world.acs.session(60)
        took = time.monotonic() - began
    equal(sorted(s.end().inform.events), [("3 SCHEDULED", ""), ("M ScheduleInform", "steps")],
          "events")
    check(5 <= took < 11, "%.1f s instead of 6" % took)
