"""An embedded VPS.org: real HTTP on loopback with believable, made-up data."""
