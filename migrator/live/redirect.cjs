// Loaded into Node with NODE_OPTIONS=--require: Node's own fetch does not ask for a proxy, so connections to other machines lead to the recorder.
// The name of the host is still sent in the TLS handshake, from which the recorder knows it.
"use strict";
const net = require("node:net");
const port = Number(process.env.MIGRATE_OPENROUTER_RECORDER);
const local = /^(localhost|127\.|::1$|\[::1\]$|0\.0\.0\.0$)/;
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (port && options && typeof options === "object" && options.port && options.host && !local.test(options.host)) {
    options.servername ??= options.host;
    Object.assign(options, { host: "127.0.0.1", port });
    delete options.lookup;
  }
  return connect.apply(this, args);
};
