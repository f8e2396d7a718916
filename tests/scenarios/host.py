# SPDX-License-Identifier: Apache-2.0
"""The gateway of tests/lib, as the host scenarios want it: quick timers, logs as lines."""

import os
import shutil
import signal

from gateway import BUILD, FACTORY_RESET, REBOOT, Gateway, free_port

MS = "Device.ManagementServer."
CONNREQ = ("cr-user", "cr-password")
FACTORY = {
    "Device.DeviceInfo.Manufacturer": "Example",
    "Device.DeviceInfo.ProductClass": "Gateway",
    "Device.DeviceInfo.SerialNumber": "SN-0001",
    MS + "ConnectionRequestUsername": CONNREQ[0],
    MS + "ConnectionRequestPassword": CONNREQ[1],
    MS + "CWMPRetryMinimumWaitInterval": "1",
    MS + "CWMPRetryIntervalMultiplier": "1000",
    MS + "PeriodicInformEnable": "false",
}


class HostGateway(Gateway):
    def __init__(self, url, settings=None, factory=None):
        super().__init__(url, verbose=True, factory=dict(FACTORY, **(factory or {})),
                         settings={"connreq.address": "127.0.0.1", **(settings or {})})
        self.deliberate = 0

    def write(self, url, factory):
        """Another factory layer, as a new image would bring it."""
        self._write_factory(url, dict(FACTORY, **factory))

    def hard_stop(self, number=signal.SIGKILL):
        """Everything at once, as a power cut or a crash does it."""
        with self._lock:
            self._stopped = True
        services = [s for s in reversed(self.services()) if s.process]
        for s in services:
            s._stopping.set()
            try:
                os.killpg(s.pid, number)
            except ProcessLookupError:
                pass
        for s in services:
            s.stop()

    def again(self):
        """The service manager starts it again in the same boot."""
        with self._lock:
            self._stopped = False
            shutil.rmtree(self.run, ignore_errors=True)
            os.makedirs(self.run, mode=0o755)
            self._start_services()

    def restart(self, number=None):
        self.hard_stop(number) if number else self.stop()
        self.again()

    def reboot(self, number=None):
        """The same state, another boot id."""
        self.hard_stop(number) if number else self.stop()
        self.start()

    def running(self):
        return all(s.running() for s in self.services())

    def deaths(self):
        """How programs ended that nobody stopped. A helper that asks for a reboot takes the agent
        along, once each time."""
        asked = sum(status in (REBOOT, FACTORY_RESET) for status in self.helper.statuses)
        ended = {s: list(s.statuses) for s in self.services()}
        ended[self.helper] = [s for s in self.helper.statuses if s not in (REBOOT, FACTORY_RESET)]
        ended[self.agent] = self.agent.statuses[asked:]
        return ["%s: %s" % (s.name, status) for s in ended for status in ended[s]]

    def lines(self, since=0, name=None):
        return self.log(name).splitlines()[since:]


__all__ = ["BUILD", "CONNREQ", "MS", "HostGateway", "free_port"]
