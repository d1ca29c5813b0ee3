"""The service: endpoints, paging, retries of reads, errors. The only place that knows httpx."""
