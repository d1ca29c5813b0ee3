"""A change carried out by the real engine through a faulty proxy, and compared with what the service then holds."""

from tests.conftest import CANARY, NOON, Clock
from tests.wire.proxy import Proxy
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome

SERVER = 12345
DESCRIPTION = "before the update"
METHODS = {Action.CREATE: "POST", Action.DELETE: "DELETE", Action.RESTORE: "POST"}
_FOR_EVER = 1e9


class Bench:
    """One service behind one proxy, brought back to the same state before each change."""

    def __init__(self, proxy: Proxy, clock: Clock) -> None:
        self.proxy = proxy
        self.demo = proxy.service
        self.cases = 0
        self._clock = clock
        self._target = 0
        self.demo.service.restore_seconds = _FOR_EVER

    async def carry_out(self, action: Action, service: Service) -> Operation:
        """Carry a change out from a fresh state, and return how it ended by its own account."""
        self.cases += 1
        self._reset()
        engine = Operations(service, pause=self._pause, clock=self._clock)
        if action is Action.CREATE:
            ended = await engine.create(Server(id=SERVER, name="web-server-01"), DESCRIPTION)
        elif action is Action.DELETE:
            ended = await engine.delete(self._confirmed())
        else:
            ended = await engine.restore(self._confirmed())
        assert engine.running == []
        assert engine.recent == [ended]
        return ended

    async def judge(self, ended: Operation) -> bool:
        """Compare what was said with the truth, and return whether the change was made."""
        await self.proxy.finish()  # so that nothing is still on its way to the service
        assert self.proxy.count_changes() <= 1, "sent twice"
        before = ended.outcome in (Outcome.DONE, Outcome.UNKNOWN) or not self._made(ended.action)
        assert before, "made, though it was said that nothing was changed"
        if ended.outcome is Outcome.DONE:
            assert self._made(ended.action), "said done, and it was not made"
        await self.proxy.flush()
        assert self.demo.count("POST") + self.demo.count("DELETE") <= 1, "two changes reached the service"
        assert ended.outcome is not Outcome.RUNNING
        assert ended.message.isprintable()
        assert CANARY not in str(ended.record())
        made = self._made(ended.action)
        if ended.outcome in (Outcome.REFUSED, Outcome.NOT_SENT):
            assert not made, "made later, though it was said that nothing was changed"
        assert len(self._created()) <= 1
        return made

    def _reset(self) -> None:
        held = self.demo.service
        self._clock.now = NOON
        self.proxy.requests.clear()
        self.proxy.exchanges.clear()
        with held.lock:
            held.clear_backups()
            held.change_server(SERVER, restored=None)
            self._target = held.add_backup(SERVER, description="the one")
            held.add_backup(SERVER, description="another")
            self.demo.requests.clear()

    async def _pause(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def _confirmed(self) -> Backup:
        """Return the backup as the operator has seen it in a list."""
        return Backup(
            id=self._target,
            server_id=SERVER,
            server_name="web-server-01",
            type="manual",
            status="completed",
            created_at="2025-01-16T12:00:00Z",
        )

    def _made(self, action: Action) -> bool:
        """Tell whether the service has made the change."""
        if action is Action.CREATE:
            return bool(self._created())
        if action is Action.DELETE:
            return self.demo.service.backup(self._target) is None
        server = self.demo.service.server(SERVER)
        return server is not None and server.status == "restoring"

    def _created(self) -> list[int]:
        return [each.id for each in self.demo.service.backups(SERVER) if each.description == DESCRIPTION]
