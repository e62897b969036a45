"""Generated applications that are really run against two gateways on loopback, before and after the migration."""
