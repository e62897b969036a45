"""The only code with a socket: `preflight`, `verify`, and the loopback gateway of `rehearse`.

What every request here keeps to: the host comes from a gateway profile or the command line, the key from the process or a file
the user named; one request a line of the result; no retry, no back-off, no fallback, no redirect; TLS is always verified.
"""
