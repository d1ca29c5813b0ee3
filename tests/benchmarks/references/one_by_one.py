"""Read a list of backups page by page, one after the other, on one connection."""

import os

import httpx


def main() -> int:
    """Return how many rows came."""
    rows = 0
    url: str | None = os.environ["VPS_API_URL"] + "/backups/?page_size=100"
    with httpx.Client(headers={"Authorization": "Bearer " + os.environ["VPS_API_TOKEN"]}) as client:
        while url:
            page = client.get(url).raise_for_status().json()
            rows += len(page["results"])
            url = page["next"]
    return rows


if __name__ == "__main__":
    print(main())
