"""Real clients, in the forms that the vendor's pages document: curl, Node's fetch, PHP, Python."""

import json
import os
import shutil
import subprocess
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.conftest import CANARY
from vpsbackup_tui.demo import DemoService

NODE = """
const [url, token] = [process.env.URL, process.env.TOKEN];
const headers = {'Authorization': `Bearer ${token}`, 'Content-Type': 'application/json'};
const list = await (await fetch(`${url}/backups/?server_id=12345`, {headers})).json();
const made = await fetch(`${url}/backups/`, {method: 'POST', headers,
  body: JSON.stringify({server_id: 12345, description: 'Pre-deployment backup'})});
const restored = await fetch(`${url}/servers/12345/restore/`, {method: 'POST', headers,
  body: JSON.stringify({backup_id: list.results[0].id})});
const gone = await fetch(`${url}/backups/${list.results[1].id}/`, {method: 'DELETE', headers});
const refused = await fetch(`${url}/backups/`);
console.log(JSON.stringify({count: list.count, made: [made.status, (await made.json()).status],
  restored: restored.status, gone: [gone.status, await gone.text()], refused: refused.status}));
"""
PHP = """<?php
function ask($method, $path, $fields = null, $token = true) {
    $headers = ['Content-Type: application/json'];
    if ($token) { $headers[] = 'Authorization: Bearer ' . getenv('TOKEN'); }
    $http = ['method' => $method, 'header' => $headers, 'ignore_errors' => true];
    if ($fields !== null) { $http['content'] = json_encode($fields); }
    $body = file_get_contents(getenv('URL') . $path, false, stream_context_create(['http' => $http]));
    return [intval(explode(' ', $http_response_header[0])[1]), json_decode($body, true), $body];
}
$list = ask('GET', '/backups/?server_id=12345')[1];
$made = ask('POST', '/backups/', ['server_id' => 12345, 'description' => 'Pre-deployment backup']);
$restored = ask('POST', '/servers/12345/restore/', ['backup_id' => $list['results'][0]['id']]);
$gone = ask('DELETE', '/backups/' . $list['results'][1]['id'] . '/');
$refused = ask('GET', '/backups/', null, false);
echo json_encode(['count' => $list['count'], 'made' => [$made[0], $made[1]['status']], 'restored' => $restored[0],
    'gone' => [$gone[0], $gone[2]], 'refused' => $refused[0]]);
"""


def binary(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def output(demo: DemoService, *command: str, stdin: str = "") -> str:
    """Run a client that reads URL and TOKEN from its environment."""
    environment = {**os.environ, "URL": demo.url, "TOKEN": CANARY}
    done = subprocess.run(
        command, input=stdin, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def expected(demo: DemoService) -> dict[str, Any]:
    return {
        "count": len(demo.service.backups(12345)),
        "made": [201, "in_progress"],
        "restored": 202,
        "gone": [204, ""],
        "refused": 401,
    }


def test_node_gets_what_is_documented(demo: DemoService) -> None:
    wanted = expected(demo)
    assert json.loads(output(demo, binary("node"), "--input-type=module", "-", stdin=NODE)) == wanted


def test_php_gets_what_is_documented(demo: DemoService) -> None:
    wanted = expected(demo)
    assert json.loads(output(demo, binary("php"), stdin=PHP)) == wanted


def test_curl_gets_what_is_documented(demo: DemoService) -> None:
    wanted = expected(demo)
    curl = binary("curl")

    def ask(method: str, path: str, fields: str = "", *, token: str = CANARY) -> tuple[int, str]:
        data = ["-d", fields] if fields else []
        # The header comes from a config on stdin: an argument would show in the process list.
        config = f'header = "Authorization: Bearer {token}"\n' if token else ""
        words = [curl, "-sS", "-K", "-", "-X", method, "-w", "\n%{http_code}", "-H", "Content-Type: application/json"]
        body, _, status = output(demo, *words, *data, demo.url + path, stdin=config).rpartition("\n")
        return int(status), body

    rows = json.loads(ask("GET", "/backups/?server_id=12345")[1])
    made = ask("POST", "/backups/", '{"server_id": 12345, "description": "Pre-deployment backup"}')
    restored = ask("POST", "/servers/12345/restore/", json.dumps({"backup_id": rows["results"][0]["id"]}))
    gone = ask("DELETE", f"/backups/{rows['results'][1]['id']}/")
    assert wanted == {
        "count": rows["count"],
        "made": [made[0], json.loads(made[1])["status"]],
        "restored": restored[0],
        "gone": list(gone),
        "refused": ask("GET", "/backups/", token="")[0],
    }


def test_python_gets_what_is_documented(demo: DemoService) -> None:
    wanted = expected(demo)
    opener = build_opener(ProxyHandler({}))

    def ask(method: str, path: str, fields: object = None, *, token: str = CANARY) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if fields is None else json.dumps(fields).encode()
        try:
            with opener.open(Request(demo.url + path, data, headers, method=method), timeout=10) as answer:  # noqa: S310 - loopback
                return answer.status, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()

    rows = json.loads(ask("GET", "/backups/?server_id=12345")[1])
    made = ask("POST", "/backups/", {"server_id": 12345, "description": "Pre-deployment backup"})
    restored = ask("POST", "/servers/12345/restore/", {"backup_id": rows["results"][0]["id"]})
    gone = ask("DELETE", f"/backups/{rows['results'][1]['id']}/")
    assert wanted == {
        "count": rows["count"],
        "made": [made[0], json.loads(made[1])["status"]],
        "restored": restored[0],
        "gone": [gone[0], gone[1].decode()],
        "refused": ask("GET", "/backups/", token="vps_wrong")[0],
    }
