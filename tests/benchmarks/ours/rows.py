"""Backups as the service sends them, made without a service."""

import json
import time
from collections.abc import Sequence
from random import Random

from vpsbackup_tui.demo.fleet import make_servers
from vpsbackup_tui.demo.many import Many
from vpsbackup_tui.demo.records import ServerRecord, backup_object

PAGE = 10_000


def make_fleet(servers: int) -> list[ServerRecord]:
    """Return so many servers."""
    return make_servers(servers, Random(1))


def make_bodies(count: int, servers: Sequence[ServerRecord]) -> list[bytes]:
    """Return lists of so many backups in JSON, in pages of 10,000."""
    many = Many(servers, count, time.time())
    by_id = {server.id: server for server in servers}
    rows = [backup_object(record := many[backup_id], by_id[int(record.server_id)]) for backup_id in many.ids]
    return [json.dumps({"count": count, "results": rows[at : at + PAGE]}).encode() for at in range(0, count, PAGE)]
