// The container's health check: whether the service in it is ready. The image has no curl.
const url = `http://127.0.0.1:${process.env['PORT'] ?? '8080'}/ready`
const ready = await fetch(url, { signal: AbortSignal.timeout(4_000) }).then(
  (response) => response.ok,
  () => false,
)
process.exit(ready ? 0 : 1)
