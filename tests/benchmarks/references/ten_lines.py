"""The same as `list --json`, with httpx alone."""

import os
import sys

import httpx

headers = {"Authorization": "Bearer " + os.environ["VPS_API_TOKEN"]}
url = os.environ["VPS_API_URL"] + "/backups/?page_size=100"
with httpx.Client(headers=headers) as client:
    answer = client.get(url).raise_for_status()
sys.stdout.write(answer.text + "\n")
