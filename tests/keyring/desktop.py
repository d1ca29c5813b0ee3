"""A session bus with a real gnome-keyring on it, without a screen."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    MatchRule,
    MessageType,
    Properties,
    message_bus,
    new_method_call,
)
from jeepney.io.blocking import Proxy, open_dbus_connection  # type: ignore[import-untyped]

PATIENCE = 20.0
"""Seconds after which what was waited for counts as never coming."""
_SECRETS = "org.freedesktop.secrets"
_LOGIN = "/org/freedesktop/secrets/collection/login"
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Desktop:
    """A session bus in a folder of its own; `activation` lets it start a keyring that nobody has started."""

    def __init__(self, folder: Path, *, activation: bool = False) -> None:
        self._folder = folder
        self._activation = activation
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "XDG_DATA_HOME": str(folder / "data"),
        }
        self._keyring: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        (self._folder / "run").mkdir(mode=0o700)
        config = self._folder / "bus.conf"
        services = "<standard_session_servicedirs/>" if self._activation else ""
        config.write_text(_BUS.format(socket=self._folder / "bus", services=services))
        self._bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environ,
        )
        assert self._bus.stdout is not None
        self.environ["DBUS_SESSION_BUS_ADDRESS"] = self._bus.stdout.readline().decode().strip()
        self._connection = open_dbus_connection(self.environ["DBUS_SESSION_BUS_ADDRESS"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keyring is not None:
            self.kill_keyring()
        elif pid := self._owner():
            os.kill(pid, signal.SIGKILL)
        self._connection.close()
        with self._bus:
            self._bus.kill()

    def unlock_keyring(self) -> None:
        """Start a keyring whose login collection is new and open."""
        taken = MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged")
        Proxy(message_bus, self._connection, timeout=PATIENCE).AddMatch(taken)
        self._keyring = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environ,
        )
        assert self._keyring.stdin is not None
        self._keyring.stdin.write(b"password of the test")
        self._keyring.stdin.close()
        with self._connection.filter(taken) as signals:
            while not self._owner():
                self._connection.recv_until_filtered(signals, timeout=PATIENCE)

    def lock_keyring(self) -> None:
        """Lock the login collection."""
        service = DBusAddress("/org/freedesktop/secrets", _SECRETS, "org.freedesktop.Secret.Service")
        self._connection.send_and_get_reply(new_method_call(service, "Lock", "ao", ([_LOGIN],)), timeout=PATIENCE)
        collection = DBusAddress(_LOGIN, _SECRETS, "org.freedesktop.Secret.Collection")
        reply = self._connection.send_and_get_reply(Properties(collection).get("Locked"), timeout=PATIENCE)
        assert reply.body == (("b", True),)

    def stop_keyring(self) -> None:
        """Make the keyring answer nothing."""
        assert self._keyring is not None
        self._keyring.send_signal(signal.SIGSTOP)

    def continue_keyring(self) -> None:
        """Let it answer again."""
        assert self._keyring is not None
        self._keyring.send_signal(signal.SIGCONT)

    @contextmanager
    def questions(self) -> Iterator[Callable[[], None]]:
        """Listen to the bus; what is yielded returns once somebody has asked the keyring for something."""
        with open_dbus_connection(self.environ["DBUS_SESSION_BUS_ADDRESS"]) as monitor:
            bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus.Monitoring")
            rules = [f"type='method_call',destination='{_SECRETS}'"]
            monitor.send_and_get_reply(new_method_call(bus, "BecomeMonitor", "asu", (rules, 0)), timeout=PATIENCE)

            def wait() -> None:
                while monitor.receive(timeout=PATIENCE).header.message_type is not MessageType.method_call:
                    pass

            yield wait

    def kill_keyring(self) -> None:
        """End the keyring for good."""
        assert self._keyring is not None
        with self._keyring:
            self._keyring.kill()

    def _owner(self) -> int:
        """Return the process id of the keyring on the bus, 0 where there is none."""
        bus = Proxy(message_bus, self._connection, timeout=PATIENCE)
        owned: tuple[int] = bus.NameHasOwner(_SECRETS)
        if not owned[0]:
            return 0
        process: tuple[int] = bus.GetConnectionUnixProcessID(_SECRETS)
        return process[0]
